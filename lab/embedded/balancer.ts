/**
 * The balancer of an embedded lab: one live pool, round robin over its members that are up, and the control interface of
 * docs/http-balancer.md. Ends with its standard input.
 *
 *   node balancer.ts <settings>         prints one line of JSON: the ports for users and for control
 */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { listen } from './listen.ts';

const Settings = z.object({
  members: z.array(z.object({ server: z.string(), port: z.number(), socket: z.string() })),
  /** Pool → the members in it, by their place in the list. */
  pools: z.record(z.string(), z.array(z.number())),
  live: z.string(),
});
const settings = Settings.parse(JSON.parse(process.argv[2] ?? ''));
const Change = z.union([
  z.object({ live: z.string().refine((name) => name in settings.pools, 'no such pool') }),
  z.object({ hold: z.literal(true) }),
]);

const agent = new Agent({ keepAlive: true });
const members = settings.members.map((member) => ({ ...member, up: false, sessions: 0 }));
type Member = (typeof members)[number];

let live = settings.live;
let release: (() => void) | undefined;
let held: Promise<void> | undefined;
let turn = 0;

function choose(): Member | undefined {
  const ready = (settings.pools[live] ?? []).flatMap((index) => members[index] ?? []).filter((member) => member.up);
  return ready[turn++ % Math.max(1, ready.length)];
}

async function forward(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  await held;
  const member = choose();
  if (!member) return void response.writeHead(503, { 'content-length': 0 }).end();
  member.sessions++;
  response.once('close', () => member.sessions--);
  pass(member, incoming, response);
}

function pass(member: Member, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = incoming;
  const outgoing = request({ socketPath: member.socket, agent, method, path: url, headers });
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.once('error', () => {
    if (response.headersSent) response.destroy();
    else if (outgoing.reusedSocket && method === 'GET') pass(member, incoming, response);
    else response.writeHead(502, { 'content-length': 0 }).end();
  });
  incoming.pipe(outgoing);
}

/** A member is up while it answers 200. */
function checkMember(member: Member): void {
  const check = request({ socketPath: member.socket, path: '/healthz', timeout: 1000 }, (answer) => {
    member.up = answer.statusCode === 200;
    answer.resume();
  });
  check.once('timeout', () => check.destroy());
  check.once('error', () => {
    member.up = false;
  });
  check.end();
}

async function control(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  if (incoming.method === 'PUT') {
    const change = Change.safeParse(JSON.parse(await text(incoming)));
    if (!change.success) return void response.writeHead(400).end(z.prettifyError(change.error));
    if ('live' in change.data) {
      live = change.data.live;
      release?.();
      held = undefined;
    } else {
      held ??= new Promise((resolve) => {
        release = resolve;
      });
    }
  }
  const seen = members.map(({ server, port, up, sessions }) => ({ server, port, up, sessions, enabled: true }));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ live, held: held !== undefined, members: seen }));
}

setInterval(() => members.forEach(checkMember), 200);
const users = await listen(createServer({ keepAliveTimeout: 60_000 }, (...pair) => void forward(...pair)));
const administration = await listen(createServer((...pair) => void control(...pair)));
console.log(JSON.stringify({ users, control: administration }));
process.stdin.on('end', () => process.exit()).resume();
