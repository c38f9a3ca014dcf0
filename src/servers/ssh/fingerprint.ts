import { createHash } from 'node:crypto';

/** The fingerprint of a public key blob as `ssh-keygen -l` prints it: SHA256, base64 without padding. */
export const fingerprint = (publicKey: Buffer): string =>
  `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;

/** The algorithm name at the head of a public key blob (RFC 4253, section 6.6); missing where the blob has none. */
export function keyType(publicKey: Buffer): string | undefined {
  if (publicKey.length < 4) return undefined;
  const length = publicKey.readUInt32BE(0);
  return length > 0 && length <= 64 && length + 4 <= publicKey.length
    ? publicKey.toString('latin1', 4, 4 + length)
    : undefined;
}
