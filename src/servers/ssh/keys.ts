import { createPrivateKey, type KeyObject } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { fail, ok, type Result } from '../../result.ts';
import { fingerprint } from './fingerprint.ts';
import { type KeyText, readKeyText, unusable } from './key-text.ts';
import { opensshEd25519 } from './openssh-key.ts';

/** A private key, decrypted and ready to sign. It lives in memory only. */
export interface PrivateKey {
  readonly key: ParsedKey;
  /** The public half as people compare it, e.g. `ssh-ed25519 SHA256:…`. */
  readonly description: string;
}

/** Reads a private key from the text of a secret: OpenSSH, PKCS#1, PKCS#8 or SEC 1; ed25519, ECDSA or RSA. */
export function parsePrivateKey(secret: string, passphrase?: string): Result<PrivateKey> {
  const text = readKeyText(secret);
  if (!text.ok) return text;
  const { label, encrypted } = text.value;
  if (encrypted && (passphrase ?? '') === '')
    return fail(unusable(`${label}: it is encrypted and no passphrase was given`));
  const parsed =
    label === 'OPENSSH PRIVATE KEY' ? parseOpenssh(text.value, passphrase) : parsePem(text.value, passphrase);
  if (!parsed.ok) return parsed;
  const key = parsed.value;
  return ok({ key, description: `${key.type} ${fingerprint(key.getPublicSSH())}` });
}

function parseOpenssh({ label, pem, encrypted }: KeyText, passphrase?: string): Result<ParsedKey> {
  const parsed = ssh2.utils.parseKey(pem, encrypted ? passphrase : undefined);
  if (!(parsed instanceof Error)) {
    // ssh2 answers with a list for this format, although a container never holds more than one key.
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    return key === undefined ? fail(unusable(`${label}: it is empty`)) : ok(key);
  }
  const unsupported = /Unsupported (?:OpenSSH private key type|cipher for OpenSSH key): ([\w@.-]+)/.exec(
    parsed.message,
  );
  if (unsupported !== null) return fail(unusable(`${label}: ${unsupported[1]} is not supported`));
  // Only some ciphers tell a wrong passphrase from damage.
  if (encrypted) return fail(unusable(`${label}: the passphrase is wrong, or the key is damaged`));
  return fail(unusable(`${label}: it is truncated or damaged`));
}

/** PEM goes through Node's own parser, which knows every container and cipher; ssh2 gets the plain form it understands. */
function parsePem({ label, pem, encrypted }: KeyText, passphrase?: string): Result<ParsedKey> {
  let key: KeyObject;
  try {
    key = createPrivateKey({
      key: pem,
      format: 'pem',
      ...(encrypted && passphrase !== undefined ? { passphrase } : {}),
    });
  } catch (error) {
    if (encrypted && /decrypt/i.test(String(error))) return fail(unusable(`${label}: the passphrase is wrong`));
    // One wrong passphrase in 256 decrypts to something with a valid padding, and only then is no key.
    if (encrypted) return fail(unusable(`${label}: the passphrase is wrong, or the key is damaged`));
    return fail(unusable(`${label}: it is truncated, damaged or of an unsupported type`));
  }
  const plain = plainText(key);
  if (plain === undefined)
    return fail(unusable(`${label}: ${typeName(key)} is not supported`, 'use ed25519, ECDSA or RSA'));
  const parsed = ssh2.utils.parseKey(plain);
  if (parsed instanceof Error) return fail(unusable(`${label}: ${typeName(key)} is not supported`));
  const [first] = [parsed].flat();
  return first === undefined ? fail(unusable(`${label}: it is empty`)) : ok(first);
}

function plainText(key: KeyObject): string | undefined {
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString();
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString();
  if (key.asymmetricKeyType === 'ed25519') return opensshEd25519(key);
  return undefined;
}

const typeName = (key: KeyObject): string =>
  [key.asymmetricKeyType, key.asymmetricKeyDetails?.namedCurve].filter((part) => part !== undefined).join(' ');
