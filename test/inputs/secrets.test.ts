import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretForms } from '../../src/inputs/secrets.ts';
import { redact } from '../../src/report/redact.ts';
import { configOf, fleetText, lines, read, reference } from './fleet-text.ts';

describe('a reference to the environment', () => {
  it('may stand anywhere in a text, several times, and is not looked at again', () => {
    const health = `health: { path: "/\${env:A}-\${env:B}/\${env:A}" }`;
    expect(configOf({ health }, { A: 'one', B: reference('A') }).health.path).toBe(`/one-${reference('A')}/one`);
  });

  it('is a mistake where the variable is missing, empty, or no name', () => {
    const health = `health: { path: "/\${env:A}\${env:B}\${env:}\${env:toString}\${env:a b}" }`;
    expect(lines(read(fleetText({ health }), { B: '' }))).toEqual([
      expect.stringContaining('health.path: the environment variable A is not set'),
      expect.stringContaining('health.path: the environment variable B is not set'),
      expect.stringContaining('health.path: has a reference that is not of the form'),
      expect.stringContaining('health.path: the environment variable toString is not set'),
      expect.stringContaining('health.path: has a reference that is not of the form'),
    ]);
  });

  it('is told as a secret, and by nothing that went wrong', () => {
    const token = `s3cret/${'x'.repeat(80)}"\n`;
    const written = reference('TOKEN');
    const wrong = [
      `budget: "${written}"`,
      `strategy: { type: "${written}" }`,
      `release: { keep: "${written}", path: "/{${written}}" }`,
    ];
    const result = read(fleetText({ wrong: wrong.join('\n') }), { TOKEN: token });
    expect(result.ok).toBe(false);
    expect(result.secrets).toContain(token);
    expect(JSON.stringify(result.ok ? [] : result.failures)).not.toMatch(/s3cret|xxx/);
  });
});

const encodings: readonly ((secret: string, before: string) => string)[] = [
  (secret) => secret,
  (secret) => encodeURIComponent(secret),
  (secret) => JSON.stringify(secret).slice(1, -1),
  (secret, before) => Buffer.from(`${before}${secret}:after`).toString('base64'),
  (secret, before) => Buffer.from(`${before}${secret}`).toString('base64url'),
];

describe('redaction', () => {
  it('finds a secret however it is written', () => {
    const secrets = fc.string({ minLength: 8, unit: 'grapheme' }).filter((text) => text.trim().length >= 8);
    fc.assert(
      fc.property(secrets, fc.constantFrom('', 'u', 'us', 'use', 'user:'), (secret, before) => {
        const forms = secretForms([secret]);
        for (const encode of encodings) {
          const written = encode(secret, before);
          expect(redact(`<${written}>`, forms)).not.toBe(`<${written}>`);
        }
      }),
    );
  });

  it('finds each line of a key', () => {
    const key = '-----BEGIN KEY-----\r\nAAAAbbbbCCCC\r\nDDDDeeee\r\n-----END KEY-----\r\n';
    const text = redact('line AAAAbbbbCCCC, and DDDDeeee', secretForms([key]));
    expect(text).toBe('line ***, and ***');
  });

  it('takes the longest of overlapping secrets', () => {
    expect(redact('password-and-more', secretForms(['password', 'password-and-more']))).toBe('***');
  });

  it('leaves text alone that holds no secret', () => {
    expect(redact('nothing here', secretForms(['s3cret', '', '  ']))).toBe('nothing here');
    expect(redact('a.c', ['a+c', '.*'])).toBe('a.c');
  });

  it('does not hide single letters because a secret has a short line', () => {
    expect(redact('a cat', secretForms(['a\nlong-line']))).toBe('a cat');
  });
});
