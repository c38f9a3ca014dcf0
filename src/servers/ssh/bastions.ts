import type { SshTarget } from '../../inputs/config.ts';
import { ok, type Result } from '../../result.ts';
import type { Connection } from './connection.ts';
import { closeConnection } from './server.ts';

/** A connection that several users share. The last one to leave closes it. */
export interface Shared {
  readonly connection: Promise<Result<Connection>>;
  leave(): Promise<void>;
}

export type Reach = (target: SshTarget, previous?: Connection) => Promise<Result<Connection>>;

/** Jump hosts, each connected to once however many servers lie behind it. */
export function bastionsBy(reach: Reach): (jump: readonly SshTarget[]) => Shared | undefined {
  const open = new Map<
    string,
    { readonly connection: Promise<Result<Connection>>; readonly end: () => Promise<void>; users: number }
  >();
  const use = (jump: readonly SshTarget[]): Shared | undefined => {
    const target = jump.at(-1);
    if (target === undefined) return undefined;
    const key = jump.map(({ user, address, port }) => `${user}@${address}:${port}`).join(' ');
    const bastion = open.get(key) ?? connectTo(target, use(jump.slice(0, -1)));
    bastion.users += 1;
    open.set(key, bastion);
    const leave = async () => {
      bastion.users -= 1;
      if (bastion.users > 0) return;
      open.delete(key);
      await bastion.end();
    };
    return { connection: bastion.connection, leave };
  };
  const connectTo = (target: SshTarget, previous: Shared | undefined) => {
    const connection = reachThrough(reach, target, previous);
    const end = async () => {
      const reached = await connection;
      if (reached.ok) await closeConnection(reached.value);
      await previous?.leave();
    };
    return { connection, end, users: 0 };
  };
  return use;
}

/** Connects to a server through the bastion before it, if there is one. */
export async function reachThrough(
  reach: Reach,
  target: SshTarget,
  previous: Shared | undefined,
): Promise<Result<Connection>> {
  const through = previous === undefined ? ok(undefined) : await previous.connection;
  return through.ok ? reach(target, through.value) : through;
}
