import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type KnownHosts, linesFor, parseKnownHosts } from '../../../src/servers/ssh/known-hosts.ts';
import { publicKey } from './public-key.ts';

const key = publicKey('ssh-ed25519', 1);
const encoded = key.toString('base64');

const parse = (text: string): KnownHosts => {
  const parsed = parseKnownHosts(text);
  if (!parsed.ok) throw new Error(parsed.failure.what);
  return parsed.value;
};

/** Numbers of the lines that speak about a server. */
const found = (text: string, address: string, port = 22): number[] =>
  linesFor(parse(text), { address, port }).map(({ line }) => line);

const hashed = (name: string): string => {
  const salt = Buffer.from('0123456789abcdefghij');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

describe('known_hosts', () => {
  it('skips comments and blank lines, and takes any line end', () => {
    const text = `# comment\r\n\r\n  # indented\r\nweb-1 ssh-ed25519 ${encoded} a comment of words\r\n`;
    expect(parse(text)).toMatchObject([{ line: 4, type: 'ssh-ed25519', key }]);
  });

  it.each([
    ['web-1', 'web-1', true],
    ['web-1', 'WEB-1', true],
    ['WEB-1', 'web-1', true],
    ['web-1', 'web-10', false],
    ['a,web-1,b', 'web-1', true],
    ['*.example.com', 'web-1.example.com', true],
    ['*.example.com', 'example.com', false],
    ['web-?', 'web-1', true],
    ['web-?', 'web-12', false],
    ['*.example.com,!web-2.example.com', 'web-1.example.com', true],
    ['*.example.com,!web-2.example.com', 'web-2.example.com', false],
    ['!web-2.example.com,*.example.com', 'web-2.example.com', false],
    ['!web-2', 'web-1', false],
    ['10.0.0.*', '10.0.0.7', true],
    ['10.0.0.7', '10x0y0z7', false],
    ['2001:db8::1', '2001:db8::1', true],
    [hashed('web-1'), 'web-1', true],
    [hashed('web-1'), 'web-2', false],
    ['|1|notbase64|x', 'web-1', false],
  ])('"%s" speaks about %s: %s', (hosts, address, expected) => {
    expect(found(`${hosts} ssh-ed25519 ${encoded}`, address)).toEqual(expected ? [1] : []);
  });

  it('looks a port other than 22 up as [address]:port', () => {
    const text = `[web-1]:2222 ssh-ed25519 ${encoded}\n${hashed('[web-1]:2222')} ssh-ed25519 ${encoded}`;
    expect(found(text, 'web-1', 2222)).toEqual([1, 2]);
    expect(found(text, 'web-1', 22)).toEqual([]);
    expect(found(text, 'web-1', 2223)).toEqual([]);
  });

  it('falls back to the bare address only where nothing has the port', () => {
    const text = `web-1 ssh-ed25519 ${encoded}\n[web-1]:2222 ssh-ed25519 ${encoded}`;
    expect(found(text, 'web-1', 2222)).toEqual([2]);
    expect(found(text, 'web-1', 2223)).toEqual([1]);
  });

  it('counts a revocation under either name', () => {
    const text = `@revoked * ssh-ed25519 ${encoded}\n@revoked web-1 ssh-ed25519 ${encoded}\n[web-1]:2222 ssh-ed25519 ${encoded}`;
    expect(new Set(found(text, 'web-1', 2222))).toEqual(new Set([1, 2, 3]));
  });

  it('tells markers apart', () => {
    const text = `@revoked web-1 ssh-ed25519 ${encoded}\n@cert-authority *.example.com ssh-ed25519 ${encoded}\nweb-1 ssh-ed25519 ${encoded}`;
    expect(parse(text).map(({ marker }) => marker)).toEqual(['revoked', 'cert-authority', undefined]);
  });

  it('lists every line that it cannot read', () => {
    const text = [
      'web-1',
      'web-1 ssh-ed25519',
      'web-1 ssh-ed25519 not*base64',
      `web-1 ssh-rsa ${encoded}`,
      `@trusted web-1 ssh-ed25519 ${encoded}`,
      `web-1 ssh-ed25519 ${encoded}`,
      'web-1 2048 65537 1234567890',
    ].join('\n');
    const parsed = parseKnownHosts(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok)
      expect(parsed.failure.what.match(/line \d+/g)).toEqual([1, 2, 3, 4, 5, 7].map((line) => `line ${line}`));
  });
});
