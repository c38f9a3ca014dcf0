import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { instanceKey, type Pool } from '../../../../src/fleet/nouns.ts';
import { addressOf } from './fleet.ts';

export interface HttpBalancerSetup {
  readonly pools: readonly Pool[];
  readonly live: string;
  readonly token: string;
}

/** A load balancer after docs/http-balancer.md, in this process: one address for users, one for the API. */
export async function startHttpBalancer({ pools, live: first, token }: HttpBalancerSetup) {
  let live = first;
  let held = false;
  let turn = 0;
  const waiting: (() => void)[] = [];
  const sessions = new Map<string, number>();
  const down = new Set<string>();
  const agent = new Agent({ keepAlive: true });

  const count = (key: string, change: number) => sessions.set(key, (sessions.get(key) ?? 0) + change);

  async function user(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (held) await new Promise<void>((resolve) => waiting.push(resolve));
    const instances = pools.find((pool) => pool.name === live)?.instances ?? [];
    const chosen = instances[turn++ % instances.length];
    if (chosen === undefined) return void outgoing.writeHead(503).end();
    const key = instanceKey(chosen);
    count(key, 1);
    outgoing.once('close', () => count(key, -1));
    const passed = request({ agent, host: addressOf(chosen.server), port: chosen.port, path: incoming.url });
    passed.once('error', () => outgoing.destroy());
    passed.once('response', (answer) => {
      const { 'x-release': release = '', 'content-length': length = '' } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, { 'x-release': release, 'content-length': length });
      answer.pipe(outgoing);
    });
    passed.end();
  }

  const state = () => ({
    live,
    held,
    members: pools.flatMap((pool) =>
      pool.instances.map((instance) => ({
        ...instance,
        enabled: pool.name === live && !held,
        up: !down.has(instanceKey(instance)),
        sessions: sessions.get(instanceKey(instance)) ?? 0,
      })),
    ),
  });

  async function api(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.headers.authorization !== `Bearer ${token}`) {
      return void outgoing.writeHead(401).end(`not ${incoming.headers.authorization}`);
    }
    if (incoming.method === 'PUT') {
      const wanted: unknown = await json(incoming);
      if (typeof wanted === 'object' && wanted !== null && 'hold' in wanted) held = true;
      if (typeof wanted === 'object' && wanted !== null && 'live' in wanted) {
        live = String(wanted.live);
        held = false;
        for (const resume of waiting.splice(0)) resume();
      }
    }
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(state()));
  }

  const listen = async (handler: typeof user) => {
    const server = createServer((incoming, outgoing) => void handler(incoming, outgoing)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const portOf = (address: AddressInfo | string | null) => (typeof address === 'object' ? (address?.port ?? 0) : 0);
  const front = await listen(user);
  const back = await listen(api);
  return {
    entrance: { address: '127.0.0.1', port: portOf(front.address()) },
    url: `http://127.0.0.1:${portOf(back.address())}/traffic`,
    /** Makes the balancer regard a member as down or up. */
    mark(key: string, up: boolean) {
      if (up) down.delete(key);
      else down.add(key);
    },
    async close() {
      agent.destroy();
      for (const server of [front, back]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
}
