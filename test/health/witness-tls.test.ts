import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../../src/health/ask.ts';
import { startWitness } from '../../src/health/witness.ts';
import { startClock } from '../../src/rollout/clock.ts';
import { listen } from '../support/listen.ts';

let folder: string;
let cert: Buffer;
let port: number;
let close: () => void;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'witness-tls-'));
  const subject = ['-subj', '/CN=shop.test', '-addext', 'subjectAltName=DNS:shop.test,DNS:localhost'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const out = ['-keyout', join(folder, 'key'), '-out', join(folder, 'cert'), '-days', '2'];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, ...subject, ...out]);
  cert = await readFile(join(folder, 'cert'));
  const server = createServer({ key: await readFile(join(folder, 'key')), cert }, (_, response) => response.end('new'));
  port = await listen(server);
  close = () => server.close();
});

afterAll(async () => {
  close();
  await rm(folder, { recursive: true });
});

const question = (host: string) => ({ url: new URL(`https://${host}:${port}/`), timeoutMs: 5000 });

test('asks over TLS where the certificate is trusted', async () => {
  const { answer } = await ask(question('localhost'), new Agent({ ca: cert, family: 4 }));
  expect(answer).toEqual({ good: true, release: 'new' });
});

test('a certificate for another name is a failed request', async () => {
  const { answer } = await ask(question('127.0.0.1'), new Agent({ ca: cert }));
  expect(answer).toEqual({ good: false, why: 'the TLS certificate is for another host name' });
});

test('a certificate that is not trusted is a failed request, told in words', async () => {
  const witness = startWitness({
    url: `https://127.0.0.1:${port}/`,
    ratePerSecond: 100,
    wanted: 'new',
    clock: startClock(),
  });
  await witness.answered('any', 60);
  const summary = await witness.stop();
  expect(summary.requests).toBeGreaterThan(0);
  expect(summary.failed).toBe(summary.requests);
  expect(summary.samples).toEqual([expect.stringMatching(/^the TLS certificate is self-signed: /)]);
});
