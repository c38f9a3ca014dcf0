import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { LabHost } from './options.ts';
import type { LabSlot } from './slots.ts';
import { supervisorGroup } from './supervisord.ts';

/** Milliseconds that no deploy tool can do without: supervisord itself, and the application's own start. */
export interface Floor {
  readonly stopMs: number;
  /** Until the last instance was spawned. */
  readonly spawnMs: number;
  /** From there until the last instance answered. */
  readonly readyMs: number;
  readonly totalMs: number;
}

const pollMs = 5;

/** Restarts a slot on some servers at once through supervisord's RPC on its own socket: no SSH, no balancer, no checks. */
export async function restartFloor(servers: readonly LabHost[], slot: LabSlot): Promise<Floor> {
  const group = supervisorGroup(slot.name);
  const began = performance.now();
  await Promise.all(
    servers.map(async (server) => {
      await call(server, 'stopProcessGroup', groupCall(group));
      while ((await statesOf(server, group)).some((state) => !/STOPPED|EXITED|FATAL/.test(state))) await delay(pollMs);
    }),
  );
  const stopped = performance.now();
  await Promise.all(servers.map((server) => call(server, 'startProcessGroup', groupCall(group))));
  const spawned = performance.now();
  await Promise.all(servers.flatMap((server) => slot.ports.map((port) => answers(server.address, port))));
  const ready = performance.now();
  return { stopMs: stopped - began, spawnMs: spawned - stopped, readyMs: ready - spawned, totalMs: ready - began };
}

/** Without the server-side wait, which goes on in steps of a second. */
const groupCall = (group: string): string =>
  `<param><value><string>${group}</string></value></param><param><value><boolean>0</boolean></value></param>`;

function call(server: LabHost, method: string, parameters = ''): Promise<string> {
  const body = `<?xml version="1.0"?><methodCall><methodName>supervisor.${method}</methodName><params>${parameters}</params></methodCall>`;
  const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) };
  const socketPath = join(server.folder, 'supervisor.sock');
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: '/RPC2', method: 'POST', headers }, (response) => {
      text(response).then(
        (answer) => (answer.includes('<fault>') ? reject(new Error(answer)) : resolve(answer)),
        reject,
      );
    });
    sent.once('error', reject).end(body);
  });
}

/** State names of the group's processes. */
async function statesOf(server: LabHost, group: string): Promise<string[]> {
  const processes = (await call(server, 'getAllProcessInfo')).split('</struct>');
  const member = (struct: string, name: string) =>
    new RegExp(`<name>${name}</name>\\s*<value><string>([^<]*)`).exec(struct)?.[1];
  const states = processes.flatMap((struct) =>
    member(struct, 'group') === group ? [member(struct, 'statename') ?? ''] : [],
  );
  if (states.length === 0) throw new Error(`${server.name} has no process in ${group}`);
  return states;
}

async function answers(host: string, port: number): Promise<void> {
  while (!(await answersOnce(host, port))) await delay(pollMs);
}

const answersOnce = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request({ host, port, path: '/healthz', agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode === 200));
    });
    asked.once('error', () => resolve(false)).end();
  });
