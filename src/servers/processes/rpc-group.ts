import { z } from 'zod';
import { foreignWords } from '../../foreign-words.ts';
import { type Failure, fail, ok, type Result } from '../../result.ts';
import { type Group, groupMissing, type Refusals, type Supervised, supervisorStates } from './group.ts';
import { noInterface, type Rpc } from './rpc.ts';
import type { Fault } from './xml-rpc.ts';
import { isList, type RpcValue } from './xml-rpc-values.ts';

export interface GroupName {
  readonly name: string;
  readonly server: string;
}

/** What `getProcessInfo` tells, as far as it is used (http://supervisord.org/api.html). */
const infoSchema = z.object({
  name: z.string(),
  group: z.string(),
  statename: z.enum(supervisorStates),
  pid: z.number(),
  spawnerr: z.string(),
  description: z.string(),
});

const startSchema = z.array(z.object({ name: z.string(), status: z.number(), description: z.string() }));

/** Text, offset, and whether the log is longer. */
const tailSchema = z.tuple([z.string(), z.number(), z.boolean()]);

/** SUCCESS of supervisor.xmlrpc.Faults. */
const success = 80;

/**
 * A group through supervisord's XML-RPC interface. Stop and start have requests of their own: for those supervisord counts
 * characters where HTTP wants bytes, which would cut the status of processes with an umlaut in a path.
 */
export function rpcGroup({ name, server }: GroupName, rpc: Rpc): Group {
  const call = caller({ name, server }, rpc);
  return {
    name,
    server,
    async look() {
      const infos = await call('supervisor.getAllProcessInfo');
      return infos.ok ? processesOf(infos.value, { name, server }) : infos;
    },
    async lookAt(process) {
      const info = await call('supervisor.getProcessInfo', `${name}:${process}`);
      return info.ok ? processOf(info.value, server) : info;
    },
    async stop() {
      const stopped = await call('supervisor.stopProcessGroup', name, false);
      return stopped.ok ? ok(undefined) : stopped;
    },
    async start() {
      const started = await call('supervisor.startProcessGroup', name, false);
      return started.ok ? refusalsOf(started.value, server) : started;
    },
    async log(process) {
      const params = [`${name}:${process}`, 0, 2000];
      const tail = (stream: string) => ({ methodName: `supervisor.tailProcess${stream}Log`, params });
      const tails = await call('system.multicall', [tail('Stderr'), tail('Stdout')]);
      const texts =
        tails.ok && isList(tails.value) ? tails.value.map((value) => tailSchema.safeParse(value).data?.[0] ?? '') : [];
      return texts.join('\n').trim();
    },
    close: () => rpc.close(),
  };
}

/** A call whose fault is a failure in words for a person. */
const caller =
  (group: GroupName, rpc: Rpc) =>
  async (method: string, ...parameters: readonly RpcValue[]): Promise<Result<RpcValue>> => {
    const answer = await rpc.call(method, ...parameters);
    if (!answer.ok) return answer;
    if (!('fault' in answer.value)) return ok(answer.value.value);
    const { fault } = answer.value;
    return fail(fault.code === badName ? await missing(group, rpc) : faultWords(fault, group));
  };

/** BAD_NAME of supervisor.xmlrpc.Faults. */
const badName = 10;

async function missing(group: GroupName, rpc: Rpc): Promise<Failure> {
  const all = await rpc.call('supervisor.getAllProcessInfo');
  const infos = z.array(infoSchema).safeParse(all.ok && 'value' in all.value ? all.value.value : undefined).data ?? [];
  return groupMissing(group.name, group.server, [...new Set(infos.map((info) => info.group))].slice(0, 20));
}

function faultWords({ code, text }: Fault, { name, server }: GroupName): Failure {
  if (code === 1) return noInterface(server);
  if (code === 6) return { what: 'supervisord is shutting down', where: server, advice: 'run again when it is back' };
  return { what: `supervisord refuses a call for ${name}: ${foreignWords(text)}`, where: server };
}

const unexpected = (where: string): Failure => ({
  what: 'supervisord answered something unexpected',
  where,
  advice: 'its version should be 3.0 or newer',
});

function processesOf(infos: unknown, { name, server }: GroupName): Result<readonly Supervised[]> {
  const parsed = z.array(infoSchema).safeParse(infos);
  if (!parsed.success) return fail(unexpected(server));
  const mine = parsed.data.filter((info) => info.group === name);
  if (mine.length > 0) return ok(mine.map(supervised));
  return fail(groupMissing(name, server, [...new Set(parsed.data.map((info) => info.group))].slice(0, 20)));
}

function processOf(info: unknown, server: string): Result<Supervised> {
  const parsed = infoSchema.safeParse(info);
  return parsed.success ? ok(supervised(parsed.data)) : fail(unexpected(server));
}

const supervised = ({ name, statename, pid, spawnerr, description }: z.infer<typeof infoSchema>): Supervised => ({
  name,
  state: statename,
  pid,
  words: foreignWords(spawnerr === '' ? description : spawnerr),
});

function refusalsOf(answers: unknown, server: string): Result<Refusals> {
  const parsed = startSchema.safeParse(answers);
  if (!parsed.success) return fail(unexpected(server));
  const refused = parsed.data.filter(({ status }) => status !== success);
  // Such as `NO_FILE: can't find command …`.
  const words = (description: string) => foreignWords(description.replace(/^[A-Z_]+: /, ''));
  return ok(new Map(refused.map(({ name, description }) => [name, words(description)])));
}
