import { z } from 'zod';
import { absolutePath, line, template } from '../values/text.ts';
import { section } from './section.ts';

const socketExpected = 'must be the absolute path of a unix socket, or host:port';

/** A unix socket, or host:port. */
export const socket = line.regex(/^(?:\/.+|[^/\s]+:\d{1,5})$/, { error: socketExpected });

const perSlot = template(['slot', 'server']);

const supervisord = section({
  manager: z
    .literal('supervisord')
    .optional()
    .describe(
      'What manages processes: `supervisord` (through its RPC interface; the default), or `command` (commands of your own, run on the server with SLOT and SERVER in the environment).',
    ),
  program: perSlot
    .optional()
    .describe('Group or program of a slot; `<app>` where there is one slot, else `<app>-{slot}`.'),
  socket: socket
    .pipe(perSlot)
    .default('/var/run/supervisor.sock')
    .describe(
      "supervisord's RPC interface: a unix socket, or host:port. `{slot}` and `{server}` are replaced, here and in the other texts.",
    ),
  username: line.optional().describe('User of the RPC interface, where it asks for one.'),
  password: line.optional().describe('Password of the RPC interface, by reference to the environment.'),
  config: absolutePath
    .pipe(perSlot)
    .optional()
    .describe('Configuration file for `supervisorctl`, which is used where the interface cannot be reached.'),
});

const command = section({
  manager: z.literal('command').describe('Commands of your own.'),
  restart: line.describe('Starts every instance of the slot anew.'),
  stop: line.describe('Stops every instance of the slot.'),
  status: line.describe('Prints a line `name state pid` per instance.'),
});

export const processes = z.discriminatedUnion('manager', [supervisord, command]);
