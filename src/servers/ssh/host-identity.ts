import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { SshTarget } from '../../inputs/config.ts';
import { fail, ok, type Result } from '../../result.ts';
import { fingerprint, keyType } from './fingerprint.ts';
import { hostName, type KnownHost, type KnownHosts, linesFor } from './known-hosts.ts';

/** What we can verify, best first. SHA-1 signatures (`ssh-rsa`) are left out, as OpenSSH does since 8.8. */
const algorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** RFC 8332: the algorithms rsa-sha2-* sign with a key whose type is still called ssh-rsa. */
const typeOf = (algorithm: ServerHostKeyAlgorithm): string => (algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);

/**
 * The algorithms to offer a server: those of its known keys first, because a server with several keys shows the one we
 * ask for first. The others follow only so that a server whose key was replaced by one of another type can be refused
 * with its fingerprint rather than for want of a common algorithm.
 */
export function hostKeyAlgorithms(known: KnownHosts, target: SshTarget): ServerHostKeyAlgorithm[] {
  const types = new Set(
    linesFor(known, target)
      .filter(isTrusted)
      .map(({ type }) => type),
  );
  const isKnown = (algorithm: ServerHostKeyAlgorithm) => types.has(typeOf(algorithm));
  return [...algorithms.filter(isKnown), ...algorithms.filter((algorithm) => !isKnown(algorithm))];
}

/** Whether the key that a server proved to hold is the one we know. Called before the first byte of authentication. */
export function verifyHostKey(known: KnownHosts, target: SshTarget, offered: Buffer): Result<void> {
  const lines = linesFor(known, target);
  const revoked = lines.find(({ marker, key }) => marker === 'revoked' && key.equals(offered));
  if (revoked !== undefined) return refuseRevoked(target, offered, revoked);
  const trusted = lines.filter(isTrusted);
  if (trusted.some(({ key }) => key.equals(offered))) return ok(undefined);
  if (trusted.length > 0) return refuseChanged(target, offered, trusted);
  const authority = lines.find(({ marker }) => marker === 'cert-authority');
  return authority === undefined ? refuseUnknown(target, offered) : refuseAuthority(target, offered, authority);
}

const isTrusted = ({ marker }: KnownHost): boolean => marker === undefined;

const describe = (key: Buffer): string => `${keyType(key) ?? 'unknown type'} ${fingerprint(key)}`;

const lineToAdd = ({ address, port }: SshTarget, key: Buffer): string =>
  `${hostName(address, port)} ${keyType(key) ?? ''} ${key.toString('base64')}`;

const refuseRevoked = (target: SshTarget, offered: Buffer, { line }: KnownHost) =>
  fail({
    what: 'refused: the server holds a revoked host key',
    where: target.name,
    detail: `offered: ${describe(offered)}\nrevoked by line ${line} of known_hosts`,
    advice: 'somebody may be impersonating this server. Give it a new host key, or remove the revocation',
  });

const refuseChanged = (target: SshTarget, offered: Buffer, trusted: readonly KnownHost[]) =>
  fail({
    what: `refused: the host key is not the one in known_hosts for ${hostName(target.address, target.port)}`,
    where: target.name,
    detail: [
      `offered: ${describe(offered)}`,
      ...trusted.map(({ key, line }) => `known: ${describe(key)} (line ${line} of known_hosts)`),
    ].join('\n'),
    advice: `if the key was changed on purpose, put this line in place of the old one: ${lineToAdd(target, offered)}`,
  });

const refuseUnknown = (target: SshTarget, offered: Buffer) =>
  fail({
    what: `refused: ${hostName(target.address, target.port)} is not in known_hosts`,
    where: target.name,
    detail: `offered: ${describe(offered)}`,
    advice: `compare the fingerprint with the one on the server (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then add this line to known_hosts: ${lineToAdd(target, offered)}`,
  });

/** ssh2 negotiates no *-cert-v01@openssh.com host key algorithm, so a server's certificate never reaches us. */
const refuseAuthority = (target: SshTarget, offered: Buffer, { line }: KnownHost) =>
  fail({
    what: `refused: known_hosts has only a certificate authority (line ${line}) for this server, and host certificates are not supported`,
    where: target.name,
    detail: `offered: ${describe(offered)}`,
    advice: `add the server's own key beside the authority: ${lineToAdd(target, offered)}`,
  });
