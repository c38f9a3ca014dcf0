import { describe, expect, it } from 'vitest';
import type { SshTarget } from '../../../src/inputs/config.ts';
import type { Failure, Result } from '../../../src/result.ts';
import { fingerprint } from '../../../src/servers/ssh/fingerprint.ts';
import { hostKeyAlgorithms, verifyHostKey } from '../../../src/servers/ssh/host-identity.ts';
import { type KnownHosts, parseKnownHosts } from '../../../src/servers/ssh/known-hosts.ts';
import { publicKey } from './public-key.ts';

const target: SshTarget = { name: 'web-1', address: '10.0.0.11', port: 2222, user: 'deploy', jump: [] };
const key = publicKey('ssh-ed25519', 1);
const other = publicKey('ssh-ed25519', 2);
const rsa = publicKey('ssh-rsa', 3);

const known = (...lines: readonly (readonly [string, Buffer])[]): KnownHosts => {
  const text = lines.map(
    ([hosts, blob]) => `${hosts} ${blob.toString('latin1', 4, 4 + blob.readUInt32BE(0))} ${blob.toString('base64')}`,
  );
  const parsed = parseKnownHosts(text.join('\n'));
  if (!parsed.ok) throw new Error(parsed.failure.what);
  return parsed.value;
};

const failureOf = (result: Result<void>): Failure => {
  if (result.ok) throw new Error('it was accepted');
  return result.failure;
};

describe('the identity of a server', () => {
  it('is proven by any of its known keys', () => {
    const lines = known(['[10.0.0.11]:2222', other], ['[10.0.0.11]:2222', key]);
    expect(verifyHostKey(lines, target, key).ok).toBe(true);
  });

  it('is not proven by the key of another server', () => {
    expect(verifyHostKey(known(['web-2', key], ['[10.0.0.11]:2222', other]), target, key).ok).toBe(false);
  });

  it('is unknown without a line, and the refusal shows fingerprint and the line to add', () => {
    const failure = failureOf(verifyHostKey([], target, key));
    expect(failure.what).toContain('[10.0.0.11]:2222 is not in known_hosts');
    expect(failure.detail).toContain(fingerprint(key));
    expect(failure.advice).toContain(`[10.0.0.11]:2222 ssh-ed25519 ${key.toString('base64')}`);
  });

  it('is refused when it changed, with both fingerprints', () => {
    const failure = failureOf(verifyHostKey(known(['10.0.0.11', other]), target, key));
    expect(failure.detail).toContain(`offered: ssh-ed25519 ${fingerprint(key)}`);
    expect(failure.detail).toContain(`known: ssh-ed25519 ${fingerprint(other)} (line 1 of known_hosts)`);
  });

  it('is refused when its key is revoked, even if another line has it', () => {
    const lines = known(['10.0.0.11', key], ['@revoked *', key]);
    expect(failureOf(verifyHostKey(lines, target, key)).what).toContain('revoked');
    expect(verifyHostKey(known(['10.0.0.11', key], ['@revoked *', other]), target, key).ok).toBe(true);
  });

  it('is never proven by the key of a certificate authority itself', () => {
    const failure = failureOf(verifyHostKey(known(['web-9', other], ['@cert-authority *', key]), target, key));
    expect(failure.what).toContain('certificate authority (line 2)');
  });

  it('is asked for with the known types of key first', () => {
    expect(hostKeyAlgorithms(known(['10.0.0.11', rsa]), target).slice(0, 2)).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
    expect(hostKeyAlgorithms(known(['10.0.0.11', rsa], ['10.0.0.11', key]), target).slice(0, 2)).toEqual([
      'ssh-ed25519',
      'rsa-sha2-512',
    ]);
    expect(hostKeyAlgorithms(known(['@revoked *', rsa]), target)[0]).toBe('ssh-ed25519');
  });
});
