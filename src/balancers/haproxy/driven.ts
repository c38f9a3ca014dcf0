import type { Access } from '../access.ts';
import type { Runtime } from './runtime.ts';

/** Everything that a HAProxy driver works on; `Control` is its way of moving traffic. */
export interface Driven<Control> {
  readonly name: string;
  readonly runtime: Runtime;
  readonly access: Access;
  readonly control: Control;
}
