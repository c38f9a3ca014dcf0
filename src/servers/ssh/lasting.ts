import { fail, ok, type Result } from '../../result.ts';
import type { Server } from '../port.ts';
import type { SshServer } from './server.ts';

/**
 * A server that is connected to anew when it is asked again after its connection was lost: whoever returns a fleet to the old
 * release must reach it. What was under way at the loss has failed and is not repeated, for it may have taken effect.
 */
export function lasting(first: SshServer, reopen: () => Promise<Result<SshServer>>): Server {
  let current = first;
  let closed = false;
  let opening: Promise<Result<SshServer>> | undefined;
  const anew = async (): Promise<Result<SshServer>> => {
    const opened = await reopen().finally(() => {
      opening = undefined;
    });
    if (!opened.ok)
      return fail({ ...opened.failure, what: `connection lost, and not made anew: ${opened.failure.what}` });
    current = opened.value;
    if (closed) await current.close();
    return opened;
  };
  const connected = async (): Promise<Result<SshServer>> => {
    if (!current.lost.aborted || closed) return ok(current);
    opening ??= anew();
    return opening;
  };
  const ask = async <T>(question: (server: SshServer) => Promise<Result<T>>): Promise<Result<T>> => {
    const server = await connected();
    return server.ok ? question(server.value) : server;
  };
  return {
    name: first.name,
    address: first.address,
    run: (command) => ask((server) => server.run(command)),
    stream: (command) => ask((server) => server.stream(command)),
    forward: (target) => ask((server) => server.forward(target)),
    forwardsPorts: () => current.forwardsPorts(),
    upload: (files, onBytes) => ask((server) => server.upload(files, onBytes)),
    async close() {
      closed = true;
      await opening;
      await current.close();
    },
  };
}
