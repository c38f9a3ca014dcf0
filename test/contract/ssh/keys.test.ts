import { randomUUID } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/servers/ssh/connection.ts';
import { parsePrivateKey } from '../../../src/servers/ssh/keys.ts';
import { execute, type Sshd, startSshd } from '../../support/sshd.ts';
import { expectOk } from '../server.contract.ts';
import { credentialsFor, targetOf } from './access.ts';

/** Command lines of the tools that people make keys with; `$file` and `$passphrase` are replaced. */
const recipes: readonly (readonly [string, string])[] = [
  ...['ed25519', 'ecdsa -b 256', 'ecdsa -b 384', 'ecdsa -b 521', 'rsa -b 2048'].map(
    (type) => [`ssh-keygen ${type}`, `ssh-keygen -q -t ${type} -f $file -N $passphrase`] as const,
  ),
  ...['ecdsa', 'rsa -b 2048'].flatMap((type) =>
    ['PEM', 'PKCS8'].map(
      (format) =>
        [`ssh-keygen ${type} ${format}`, `ssh-keygen -q -t ${type} -m ${format} -f $file -N $passphrase`] as const,
    ),
  ),
  ['ssh-keygen aes256-gcm', 'ssh-keygen -q -t ed25519 -Z aes256-gcm@openssh.com -f $file -N $passphrase'],
  ['openssl ed25519', 'openssl genpkey -algorithm ed25519 -aes-256-cbc -pass pass:$passphrase -out $file'],
  ['openssl EC', 'openssl ecparam -name secp384r1 -genkey -out $file'],
  ['openssl RSA', 'openssl genrsa -aes256 -traditional -passout pass:$passphrase -out $file 2048'],
];

describe('private keys', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd?.stop());

  const logIn = async (text: string, passphrase: string): Promise<string> => {
    const key = expectOk(parsePrivateKey(text, passphrase));
    await appendFile(
      join(sshd.folder, 'authorized_keys'),
      `${key.key.type} ${key.key.getPublicSSH().toString('base64')}\n`,
    );
    const credentials = { ...credentialsFor(sshd), privateKeys: [key] };
    const { client } = expectOk(await connect({ target: targetOf(sshd), credentials, deadlineMs: 10_000 }));
    client.end();
    return key.description;
  };

  it.each(recipes)('of %s log in', async (_name, recipe) => {
    const file = join(sshd.folder, randomUUID());
    const [command = '', ...args] = recipe.replace('$file', file).replace('$passphrase', 'correct-horse').split(' ');
    await execute(command, args);
    const text = await readFile(file, 'utf8');
    const description = await logIn(text, 'correct-horse');
    expect(await sshd.log()).toContain(description.split(' ')[1]);
    if (/ENCRYPTED|OPENSSH/.test(text)) {
      expect(JSON.stringify(parsePrivateKey(text, 'wrong'))).toContain('the passphrase is wrong');
      expect(JSON.stringify(parsePrivateKey(text))).toContain('no passphrase was given');
    }
  });

  it('that the server does not know are told with their fingerprints and what it takes', async () => {
    const stranger = await startSshd();
    const credentials = { ...credentialsFor(sshd), privateKeys: credentialsFor(stranger).privateKeys };
    await stranger.stop();
    const connected = await connect({ target: targetOf(sshd), credentials, deadlineMs: 10_000 });
    expect(connected).toMatchObject({ ok: false, again: false });
    expect(JSON.stringify(connected)).toContain(credentials.privateKeys[0]?.description);
    expect(JSON.stringify(connected)).toContain('the server takes: publickey');
  });

  it('that are missing are missed', async () => {
    const credentials = { ...credentialsFor(sshd), privateKeys: [] };
    const connected = await connect({ target: targetOf(sshd), credentials, deadlineMs: 10_000 });
    expect(connected).toMatchObject({ ok: false, failure: { what: 'there is no SSH key to log in with' } });
  });

  it('of an agent log in', async () => {
    const agent = join(sshd.folder, 'agent');
    const started = await execute('ssh-agent', ['-s', '-a', agent]);
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started.stdout)?.[1]);
    try {
      await execute('ssh-add', ['-q', join(sshd.folder, 'client')], { env: { ...process.env, SSH_AUTH_SOCK: agent } });
      const credentials = { ...credentialsFor(sshd), privateKeys: [], agent };
      const { client } = expectOk(await connect({ target: targetOf(sshd), credentials, deadlineMs: 10_000 }));
      client.end();
    } finally {
      process.kill(pid);
    }
  });

  it('of an agent that is not there are told', async () => {
    const credentials = { ...credentialsFor(sshd), privateKeys: [], agent: '/nonexistent/agent' };
    const connected = await connect({ target: targetOf(sshd), credentials, deadlineMs: 10_000 });
    expect(JSON.stringify(connected)).toContain('/nonexistent/agent');
  });
});
