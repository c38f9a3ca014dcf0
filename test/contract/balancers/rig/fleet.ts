import { type Instance, instancesOf, type Pool } from '../../../../src/fleet/nouns.ts';
import type { Place } from './processes.ts';

export const memberTemplate = '{server}-{port}';

/** Loopback addresses of this process alone, so that test files can run at the same time. */
const network = `127.${64 + (process.pid % 128)}.${Math.floor(process.pid / 128) % 250}`;

export const entrance = (index = 0): { address: string; port: number } => ({
  address: `${network}.100`,
  port: 8000 + index,
});

export const addressOf = (server: string): string => `${network}.${10 + Number(server.replace('web-', ''))}`;

export const serverNames = ['web-1', 'web-2', 'web-3', 'web-4'];

const range = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

/** Two slots on four servers, `count` ports each. */
export function blueAndGreen(count: number): { blue: Pool; green: Pool } {
  const pool = (name: string, first: number): Pool => {
    const slot = { name, servers: serverNames, ports: range(first, count) };
    return { name, slot: name, servers: serverNames, instances: instancesOf(slot) };
  };
  return { blue: pool('blue', 8001), green: pool('green', 9001) };
}

export const placesOf = (pool: Pool, release = pool.name): Place[] =>
  pool.instances.map(({ server, port }) => ({ address: addressOf(server), port, release }));

/** A `server` line without its keyword, as HAProxy's configuration has it. */
export const serverLine = ({ server, port }: Instance, words = ''): string =>
  `${server}-${port} ${addressOf(server)}:${port} ${words}`.trim();
