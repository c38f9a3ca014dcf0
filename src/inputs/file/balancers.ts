import { z } from 'zod';
import { name } from '../values/names.ts';
import { absolutePath, address, line, template } from '../values/text.ts';
import { via } from './hosts.ts';
import { socket } from './process.ts';
import { section } from './section.ts';

const word = line.regex(/^[A-Za-z0-9_.:-]+$/, { error: 'must be a name of letters, digits, "_", ".", ":" and "-"' });
const member = template(['server', 'port']);

const balancer = {
  name: name.optional().describe('What it is called in reports; the host of `via` by default.'),
  via: via
    .optional()
    .describe(
      'Host to control it from, over SSH: an address, or `{address, port, user, jump}`. Without it, from the runner.',
    ),
};

const backendOf = (pool: string) =>
  word.optional().describe(`Backend of the pool \`${pool}\`; \`<app>-${pool}\` by default.`);

const pools = section({
  blue: backendOf('blue'),
  green: backendOf('green'),
  all: backendOf('all'),
  a: backendOf('a'),
  b: backendOf('b'),
}).describe('Backend of each pool: `blue` and `green` where there are two slots, else `all`, `a` and `b`.');

/** Where examples/haproxy keeps the pointer. */
export const defaultMap = '/etc/haproxy/live.map';

const pointer = section({
  map: absolutePath.default(defaultMap).describe('Map file, as the configuration names it.'),
  key: word.optional().describe('Key in the map; the `app` by default.'),
  pools: pools.optional(),
  hold: word.optional().describe('Value of the map that makes requests wait, where the configuration has such a hold.'),
});

const haproxy = section({
  driver: z
    .literal('haproxy')
    .optional()
    .describe(
      'Which kind it is: `haproxy` (through its Runtime API; the default), or `http` (any balancer behind a small HTTP interface, see docs/http-balancer.md).',
    ),
  ...balancer,
  socket: socket
    .default('/run/haproxy/admin.sock')
    .describe('Runtime API with level admin: a unix socket, or host:port.'),
  pointer: pointer.optional().describe('Traffic moves by one value of a map. The default, unless `backend` is given.'),
  backend: word.optional().describe('Traffic moves by enabling and disabling the members of this backend.'),
  member: member.default('{server}-{port}').describe('Name of an instance in a backend.'),
}).refine((written) => written.pointer === undefined || written.backend === undefined, {
  error: 'must have either pointer or backend, and not both',
});

const http = section({
  driver: z.literal('http').describe('A small HTTP interface, see docs/http-balancer.md.'),
  ...balancer,
  url: address.describe(
    '`GET` answers `{"live": "<pool>", "members": […]}`, `PUT {"live": "<pool>"}` moves the traffic.',
  ),
  token: line.optional().describe('Bearer token, by reference to the environment.'),
});

export const balancers = z
  .array(z.discriminatedUnion('driver', [haproxy, http]))
  .min(1, { error: 'must have at least one balancer' });
