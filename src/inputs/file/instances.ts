import { z } from 'zod';
import { names } from '../values/names.ts';
import { ports } from '../values/ports.ts';
import { section } from './section.ts';

const serverNames = z
  .union([names, z.array(names).min(1, { error: 'must name at least one server' })])
  .transform((written) => written.flat());

const onAllServers = ports.transform((all) => ({ ports: all }));
const onSomeServers = section({
  servers: serverNames.describe('The servers that have this slot, where each slot has servers of its own.'),
  ports: ports.describe('The ports of the slot on each of them.'),
});
const slot = z.union([onAllServers, onSomeServers]);

const slots = section({
  blue: slot.describe('One set of instances: ports, or `{servers, ports}` where it has servers of its own.'),
  green: slot.describe('The other set, not overlapping the first.'),
});

/** Either one set of instances per server, or two. */
export const instances = section({
  ports: ports
    .optional()
    .describe('Ports of the instances on every server, where there is one set: `8001-8064`, or a list.'),
  slots: slots.optional().describe('Two sets of instances, of which one is live and one idle.'),
}).refine((written) => (written.ports === undefined) !== (written.slots === undefined), {
  error: 'must have either ports or slots, and not both',
});
