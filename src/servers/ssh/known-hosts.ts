import { createHmac, timingSafeEqual } from 'node:crypto';
import { fail, ok, type Result } from '../../result.ts';
import { keyType } from './fingerprint.ts';

/** One line of a known_hosts file, see SSH_KNOWN_HOSTS FILE FORMAT in sshd(8). */
export interface KnownHost {
  readonly line: number;
  readonly marker?: 'revoked' | 'cert-authority';
  /** Whether the line speaks about a host, given as `name` or `[name]:port`. */
  readonly matches: (host: string) => boolean;
  readonly type: string;
  /** The public key blob. */
  readonly key: Buffer;
}

export type KnownHosts = readonly KnownHost[];

/**
 * Reads known_hosts text. OpenSSH skips lines it cannot read; here they are refused, because a damaged line would
 * otherwise show up much later as an unknown server.
 */
export function parseKnownHosts(text: string): Result<KnownHosts> {
  const known: KnownHost[] = [];
  const mistakes: string[] = [];
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const parsed = parseLine(content, index + 1);
    if (typeof parsed === 'string') mistakes.push(`line ${index + 1}: ${parsed}`);
    else known.push(parsed);
  }
  if (mistakes.length === 0) return ok(known);
  return fail({
    what: `known_hosts cannot be read: ${mistakes.join('; ')}`,
    advice: 'each line is "hosts type key", as ssh-keyscan prints it',
  });
}

function parseLine(content: string, line: number): KnownHost | string {
  const fields = content.split(/[ \t]+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return `unknown marker ${marker}`;
  const [hosts, type, encoded] = fields;
  if (hosts === undefined || type === undefined || encoded === undefined) return 'hosts, key type and key expected';
  const key = Buffer.from(encoded, 'base64');
  if (key.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) return 'the key is not base64';
  if (keyType(key) !== type) return `the key is damaged, or not a ${type} key`;
  const matches = hostMatcher(hosts.split(','));
  if (marker === undefined) return { line, matches, type, key };
  return { line, marker: marker === '@revoked' ? 'revoked' : 'cert-authority', matches, type, key };
}

/** A negated pattern that matches rules the whole line out, wherever it stands in the list. */
function hostMatcher(patterns: readonly string[]): (host: string) => boolean {
  const negated = patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => patternMatcher(pattern.slice(1)));
  const positive = patterns.filter((pattern) => !pattern.startsWith('!')).map(patternMatcher);
  return (host) => {
    const name = host.toLowerCase();
    return positive.some((matches) => matches(name)) && !negated.some((matches) => matches(name));
  };
}

function patternMatcher(pattern: string): (name: string) => boolean {
  if (pattern.startsWith('|1|')) return hashMatcher(pattern);
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  return (name) => expression.test(name);
}

/** `|1|salt|hash`, both base64, where hash is HMAC-SHA1 of the name under the salt (HashKnownHosts in ssh_config(5)). */
function hashMatcher(pattern: string): (name: string) => boolean {
  const [, , salt = '', hash = ''] = pattern.split('|');
  const expected = Buffer.from(hash, 'base64');
  return (name) => {
    const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  };
}

/**
 * The lines about a server. As in OpenSSH, a port other than 22 is looked up as `[address]:port`, and under the bare
 * address where nothing has the port. Revocations count under either.
 */
export function linesFor(known: KnownHosts, { address, port }: { address: string; port: number }): KnownHosts {
  const bare = known.filter((entry) => entry.matches(address));
  const exact = known.filter((entry) => entry.matches(hostName(address, port)));
  if (port === 22) return bare;
  const trusted = exact.filter((entry) => entry.marker !== 'revoked');
  const revoked = [...exact, ...bare].filter((entry) => entry.marker === 'revoked');
  return [...(trusted.length > 0 ? trusted : bare.filter((entry) => entry.marker !== 'revoked')), ...revoked];
}

/** A server as known_hosts names it. */
export const hostName = (address: string, port: number): string => (port === 22 ? address : `[${address}]:${port}`);
