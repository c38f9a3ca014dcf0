import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/servers/ssh/connection.ts';
import { parseKnownHosts } from '../../../src/servers/ssh/known-hosts.ts';
import { type Sshd, startSshd } from '../../support/sshd.ts';
import { expectOk } from '../server.contract.ts';
import { credentialsFor, targetOf } from './access.ts';

describe('the identity of a real server', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'rsa', 'ecdsa'] });
  });
  afterAll(() => sshd?.stop());

  const open = (knownHosts: string) =>
    connect({
      target: targetOf(sshd),
      credentials: { ...credentialsFor(sshd), knownHosts: expectOk(parseKnownHosts(knownHosts)) },
      deadlineMs: 10_000,
    });

  const lineOf = (type: string): string => sshd.knownHosts.split('\n').find((line) => line.includes(` ${type}`)) ?? '';

  it.each(['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256'])('is proven by its %s key alone', async (type) => {
    const { client } = expectOk(await open(lineOf(type)));
    client.end();
  });

  it('is found in a file that ssh-keygen hashed', async () => {
    const file = join(sshd.folder, 'known_hosts');
    await writeFile(file, sshd.knownHosts);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const hashed = await readFile(file, 'utf8');
    expect(hashed).not.toContain('127.0.0.1');
    const { client } = expectOk(await open(hashed));
    client.end();
  });

  it.each([
    ['unknown', () => '', 'not in known_hosts'],
    ['another one', () => `[127.0.0.1]:${sshd.port} ${otherKey}`, 'not the one in known_hosts'],
    ['revoked', () => `${sshd.knownHosts}@revoked * ${lineOf('ssh-ed25519').split(' ').slice(1).join(' ')}`, 'revoked'],
    ['vouched for by an authority only', () => `@cert-authority * ${otherKey}`, 'certificate authority'],
  ])('is refused before any authentication when it is %s', async (_name, knownHosts, reason) => {
    const before = (await sshd.log()).length;
    const connected = await open(knownHosts());
    expect(connected).toMatchObject({ ok: false, again: false, failure: { what: expect.stringContaining(reason) } });
    const log = async () => (await sshd.log()).slice(before);
    await expect.poll(log).toMatch(/Host denied|Connection (closed|reset)|Disconnected|disconnect/);
    expect(await log()).not.toMatch(/userauth-request|Accepted|Failed publickey|Postponed/);
  });
});

const otherKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
