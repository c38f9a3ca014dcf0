import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { startLab } from '../../../lab/lab.ts';
import { processTable } from '../../../lab/process-table.ts';
import { summarise } from '../../../lab/traffic-records.ts';
import type { Server } from '../../../src/servers/port.ts';
import { readCredentials } from '../../../src/servers/ssh/credentials.ts';
import { openServer } from '../../../src/servers/ssh/open.ts';
import { answersAs, placeRelease } from './by-hand.ts';

const Fleet = z.object({ process: z.object({ restart: z.string(), stop: z.string(), status: z.string() }) });

test('the stand-ins serve two releases, move users between them without a mix, and leave nothing behind', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fleetflip-lab-'));
  const lab = await startLab({ dir, mode: 'embedded', servers: 1, instances: 1 });
  onTestFinished(lab.stop);
  const [web] = lab.servers;
  if (!web) throw new Error('no server');
  const credentials = readCredentials({ sshKey: lab.ssh.privateKey, knownHosts: lab.ssh.knownHosts }, {});
  if (!credentials.ok) throw new Error('the lab made a key that the product cannot read');
  const target = { name: web.name, address: web.address, port: web.sshPort, user: lab.ssh.user, jump: [] };
  const opened = await openServer(target, credentials.value);
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  const server = opened.value;
  const { process: commands } = Fleet.parse(parse(await readFile(lab.fleetFile, 'utf8')));

  await placeRelease(web, await lab.makeRelease('r1'), 'blue');
  await placeRelease(web, await lab.makeRelease('r2'), 'green');
  await manage(server, commands.restart, 'blue');
  await manage(server, commands.restart, 'green');
  const pids = (await manage(server, commands.status, 'green')).match(/^9001 running (\d+)$/m)?.[1];
  await answersAs(lab.url, 'r1');
  expect(await askThrough(server, 9001)).toContain('r2');

  const traffic = lab.startTraffic({ keepAlive: 2, closing: 1, thinkMs: 1 });
  expect(await traffic.answered).toBe(true);
  await fetch(lab.balancers[0]?.control ?? '', { method: 'PUT', body: '{"live":"green"}' });
  await answersAs(lab.url, 'r2');
  const summary = summarise(await traffic.stop(), 'r2');
  await server.close();
  await lab.stop();

  expect(summary).toMatchObject({ failed: 0, mixed: 0 });
  expect(summary.firstNewAt).toBeDefined();
  expect(processTable().map(({ pid }) => String(pid))).not.toContain(pids);
  await rm(dir, { recursive: true });
});

async function manage(server: Server, command: string, slot: string): Promise<string> {
  const script = `SLOT=$1; export SLOT; ${command}`;
  const result = await server.run({ script, args: [slot] });
  if (!result.ok || result.value.code !== 0) throw new Error(JSON.stringify(result));
  return result.value.stdout;
}

/** Reads an instance's answer through the SSH connection, as the product does. */
async function askThrough(server: Server, port: number): Promise<string> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const stream = await server.forward({ port });
    if (!stream.ok && Date.now() > deadline) throw new Error(JSON.stringify(stream.failure));
    if (!stream.ok) continue;
    stream.value.end('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    let text = '';
    for await (const part of stream.value) text += String(part);
    return text;
  }
}
