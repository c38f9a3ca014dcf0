import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parsePrivateKey } from '../../../src/servers/ssh/keys.ts';
import { opensshEd25519 } from '../../../src/servers/ssh/openssh-key.ts';

const ed25519 = generateKeyPairSync('ed25519').privateKey;
const openssh = opensshEd25519(ed25519);
const pkcs8 = ed25519.export({ type: 'pkcs8', format: 'pem' }).toString();
const body = openssh.split('\n').slice(1, -2);

const description = (secret: string, passphrase?: string): string => {
  const parsed = parsePrivateKey(secret, passphrase);
  if (!parsed.ok) throw new Error(parsed.failure.what);
  return parsed.value.description;
};

const complaint = (secret: string, passphrase?: string): string => {
  const parsed = parsePrivateKey(secret, passphrase);
  if (parsed.ok) throw new Error('it was accepted');
  expect(JSON.stringify(parsed.failure)).not.toContain(String(body[2]));
  return parsed.failure.what;
};

describe('a private key', () => {
  const expected = description(openssh);

  it('is the same in every container', () => {
    expect(expected).toMatch(/^ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}$/);
    expect(description(pkcs8)).toBe(expected);
    const encrypted = ed25519.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'päss' });
    expect(description(encrypted.toString(), 'päss')).toBe(expected);
  });

  it('signs what its public half verifies', () => {
    const parsed = parsePrivateKey(pkcs8);
    if (!parsed.ok) throw new Error(parsed.failure.what);
    const { key } = parsed.value;
    expect(key.verify('data', key.sign('data'))).toBe(true);
  });

  it.each<readonly [string, (text: string) => string]>([
    ['CRLF', (text) => text.replaceAll('\n', '\r\n')],
    ['CR', (text) => text.replaceAll('\n', '\r')],
    ['no final newline', (text) => text.trimEnd()],
    ['literal \\n', (text) => text.replaceAll('\n', '\\n')],
    ['literal \\r\\n', (text) => text.replaceAll('\n', '\\r\\n')],
    ['indentation', (text) => text.replaceAll(/^/gm, '    ')],
    ['blank lines', (text) => `\n\n${text.replaceAll('\n', '\n\n')}\n`],
    ['newlines turned into spaces', (text) => text.replaceAll('\n', ' ')],
    ['quotes around it', (text) => `"${text}"`],
    ['a byte order mark', (text) => `\uFEFF${text}`],
    [
      'parameters before it',
      (text) => `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${text}`,
    ],
  ])('is read in spite of %s', (_name, damage) => {
    expect(description(damage(openssh))).toBe(expected);
    expect(description(damage(pkcs8))).toBe(expected);
  });

  const rsaPss = generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  const k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const locked = ed25519
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' })
    .toString();

  it.for<readonly [string, string, string, string?]>([
    ['empty', ' \n', 'it is empty'],
    ['a public key', `ssh-ed25519 ${body[0]}`, 'it is a public key'],
    [
      'a PEM public key',
      generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      'public key',
    ],
    ['an SSH certificate', `ssh-ed25519-cert-v01@openssh.com ${body[0]}`, 'SSH certificate'],
    ['an X.509 certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', 'X.509'],
    ['PuTTY', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n', 'PuTTY'],
    ['a path', '~/.ssh/id_ed25519', 'it is a path'],
    ['something else', 'hunter2', 'no known format'],
    ['without its end', openssh.slice(0, -40), 'truncated'],
    ['without its begin', openssh.slice(40), 'truncated'],
    ['cut in the middle', openssh.replace(body[2] ?? '', ''), 'truncated or damaged'],
    ['PEM, cut in the middle', pkcs8.replace(/\n(.{20})/, '\n'), 'damaged'],
    ['not base64', openssh.replace(body[1] ?? '', '***'), 'not base64'],
    ['encrypted', locked, 'encrypted and no passphrase'],
    ['encrypted, passphrase empty', locked, 'encrypted and no passphrase', ''],
    ['encrypted otherwise', locked, 'passphrase is wrong', 'wrong'],
    ['RSA-PSS', rsaPss.toString(), 'rsa-pss is not supported'],
    ['of a foreign curve', k1.toString(), 'ec secp256k1 is not supported'],
  ])('that is %s is refused with the reason', ([, secret, reason, passphrase]) => {
    expect(complaint(secret, passphrase)).toContain(reason);
  });
});
