import { fail, ok, type Result } from '../../result.ts';
import type { Receipt } from '../port.ts';
import type { Driven } from './driven.ts';
import { mapValue, plain, refusal } from './replies.ts';

export interface PointerControl {
  /** The map file, by the very path that HAProxy's configuration has: it is the name of the map. */
  readonly map: string;
  readonly key: string;
  /** Pool name → backend. */
  readonly pools: Readonly<Record<string, string>>;
  readonly hold?: string;
  readonly member: string;
}

type Driver = Driven<PointerControl>;

/** The Runtime API splits at spaces and `;` unless they are escaped. */
const word = (text: string): string => text.replace(/[\\; ]/g, '\\$&');

const readCommand = ({ map, key }: PointerControl) => `get map ${word(map)} ${word(key)}`;

/** The pointer's value; missing where the map has no such key. */
export async function readPointer({ name, runtime, control }: Driver): Promise<Result<string | undefined>> {
  const replies = await runtime.ask([readCommand(control)]);
  if (!replies.ok) return replies;
  const [reply = ''] = replies.value;
  const value = mapValue(reply);
  if (value !== undefined || reply.includes('found=no')) return ok(value);
  return fail({ what: `HAProxy cannot read the map ${control.map}`, where: name, detail: plain(reply) });
}

/** `set map` replaces the value of a key that exists, for all requests at once; it answers nothing, so it is read back. */
export async function point({ name, runtime, control }: Driver, value: string): Promise<Result<Receipt>> {
  const started = performance.now();
  const change = `set map ${word(control.map)} ${word(control.key)} ${word(value)}`;
  const replies = await runtime.ask([change, readCommand(control)]);
  if (!replies.ok) return replies;
  const [answer = '', read = ''] = replies.value;
  const refused = refusal(answer);
  if (refused !== undefined) return fail({ what: `HAProxy refused ${change}`, where: name, detail: refused });
  const found = mapValue(read);
  if (found === value) return ok({ ms: performance.now() - started, batchMs: 0 });
  return fail({ what: `HAProxy still has ${control.key} ${found ?? '(nothing)'} after ${change}`, where: name });
}
