import { z } from 'zod';
import { name, names } from '../values/names.ts';
import { port } from '../values/ports.ts';
import { section } from './section.ts';

const expectedHost = 'must be a host name or an IP address';

/** A host name, IPv4 or IPv6 address; never something that could be read as an option of a command. */
const hostAddress = z
  .string({ error: expectedHost })
  .regex(/^[A-Za-z0-9:][A-Za-z0-9._:%-]{0,254}$/, { error: expectedHost });
const userExpected = 'must be a user name';
const user = z.string({ error: userExpected }).regex(/^[A-Za-z0-9_][A-Za-z0-9._@$-]{0,63}$/, { error: userExpected });

const reach = {
  address: hostAddress.optional().describe('Host name or IP address; the name by default.'),
  port: port.optional().describe('SSH port; the one of `ssh` by default.'),
  user: user.optional().describe('SSH user; the one of `ssh` by default.'),
};

const server = section({
  name: name.describe('What the server is called in plans, reports and member names.'),
  ...reach,
});

/** One entry may stand for many servers (`web-[1-4].example.com`). */
const serverEntry = z.union([
  names.transform((all) => all.map((each) => ({ name: each }))),
  server.transform((one) => [one]),
]);

/** The servers of each entry. */
export const servers = z.union([
  serverEntry.transform((only) => [only]),
  z.array(serverEntry).min(1, { error: 'must name at least one server' }),
]);

/** A host to go through, or to find a balancer on; text is its address. */
const host = section({
  name: name.optional().describe('What it is called in messages; the address by default.'),
  ...reach,
  address: hostAddress.describe('Host name or IP address.'),
});
const byAddress = hostAddress.transform((address): z.output<typeof host> => ({ address }));

const jumpHost = z.union([byAddress, host]);
const jump = z.array(jumpHost);

const balancerHost = section({
  ...host.shape,
  jump: jump.optional().describe('Jump hosts on the way to it; those of `ssh` by default. `[]`: none.'),
});

export const via = z.union([
  hostAddress.transform((address): z.output<typeof balancerHost> => ({ address })),
  balancerHost,
]);

export const ssh = section({
  user: user.default('deploy').describe('User on every server.'),
  port: port.default(22).describe('Port on every server.'),
  jump: jump
    .default([])
    .describe(
      'Jump hosts on the way to every server, nearest to the runner first: addresses, or `{address, port, user}`.',
    ),
});
