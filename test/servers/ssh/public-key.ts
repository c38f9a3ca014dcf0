/** The blob of a public key (RFC 4253, section 6.6) whose content is made up; only its type has a meaning. */
export function publicKey(type: string, fill: number): Buffer {
  const strings = [Buffer.from(type), Buffer.alloc(32, fill)];
  return Buffer.concat(
    strings.flatMap((bytes) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
