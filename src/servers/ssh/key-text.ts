import { type Failure, fail, ok, type Result } from '../../result.ts';

/** The text of a private key, put back into the shape its parsers want. */
export interface KeyText {
  /** What stands between BEGIN and END, e.g. `OPENSSH PRIVATE KEY`. */
  readonly label: string;
  readonly pem: string;
  readonly encrypted: boolean;
}

/**
 * Finds the private key in what a secret holds. Forgiven is what happens to text on its way through secrets and web
 * forms: CRLF, literal "\n", indentation, blank lines, a lost final newline, newlines turned into spaces.
 */
export function readKeyText(secret: string): Result<KeyText> {
  const text = secret
    .replaceAll('\\r', '')
    .replaceAll('\\n', '\n')
    .replace(/\r\n?/g, '\n')
    .replace(/^\uFEFF/, '');
  const begin = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----/.exec(text);
  if (begin === null) return fail(noPrivateKey(text.trim()));
  const [opening, label = ''] = begin;
  const rest = text.slice(begin.index + opening.length);
  const end = rest.indexOf(`-----END ${label}-----`);
  if (end < 0) return fail(unusable(`${label}: it is truncated, the END line is missing`));
  const lines = rest
    .slice(0, end)
    .split('\n')
    .map((line) => line.trim());
  const headers = lines.filter((line) => /^[A-Za-z-]+: /.test(line));
  const base64 = lines
    .filter((line) => !headers.includes(line))
    .join('')
    .replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) return fail(unusable(`${label}: it is damaged, its body is not base64`));
  const body = base64.match(/.{1,64}/g) ?? [];
  const head = headers.length > 0 ? [...headers, ''] : [];
  const pem = [opening, ...head, ...body, `-----END ${label}-----`, ''].join('\n');
  return ok({ label, pem, encrypted: isEncrypted({ label, headers, base64 }) });
}

function isEncrypted({
  label,
  headers,
  base64,
}: {
  label: string;
  headers: readonly string[];
  base64: string;
}): boolean {
  if (label !== 'OPENSSH PRIVATE KEY')
    return label.startsWith('ENCRYPTED') || headers.some((line) => line.includes('ENCRYPTED'));
  // The cipher's name follows the magic bytes "openssh-key-v1\0" as a string with a length of four bytes.
  return Buffer.from(base64.slice(0, 64), 'base64').toString('latin1', 19, 23) !== 'none';
}

/** A failure about a key: says what is wrong with it and never shows any of it. */
export const unusable = (what: string, advice?: string): Failure => ({
  what: `the SSH key cannot be used: ${what}`,
  ...(advice === undefined ? {} : { advice }),
});

/** What people put where a private key belongs. The first that fits explains it best. */
const mistakes: readonly (readonly [RegExp, string, string?])[] = [
  [/^$/, 'it is empty', 'is the secret set, and visible to this job? Forks do not get secrets'],
  [/^PuTTY-User-Key-File-/, 'it is in PuTTY format', 'convert it: puttygen key.ppk -O private-openssh -o key'],
  [/-cert-v0\d@openssh\.com /, 'it is an SSH certificate, not a private key'],
  [/-----BEGIN CERTIFICATE-----/, 'it is an X.509 certificate, not a private key'],
  [
    /^(ssh-|ecdsa-|sk-)|BEGIN (RSA |SSH2 )?PUBLIC KEY/,
    'it is a public key',
    'give the private one: the file without ".pub"',
  ],
  [/BEGIN PGP/, 'it is a PGP key', 'make an SSH key: ssh-keygen -t ed25519'],
  [/^[~/.][^\n]*$/, 'it is a path', 'give the content of the file'],
  [/PRIVATE KEY-----/, 'it is truncated, the BEGIN line is missing or damaged'],
];

function noPrivateKey(text: string): Failure {
  for (const [pattern, what, advice] of mistakes) if (pattern.test(text)) return unusable(what, advice);
  return unusable(
    'it is in no known format',
    'an OpenSSH or PEM private key is expected, with its BEGIN and END lines',
  );
}
