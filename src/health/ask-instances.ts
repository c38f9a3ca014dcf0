import { ok, type Result } from '../result.ts';
import type { Server } from '../servers/port.ts';
import type { Answer } from './answer.ts';
import { type Asking, probe } from './probe.ts';
import { probeByCommand } from './probe-command.ts';

/**
 * Asks each port once, all at the same time: through forwarded connections, or in one command where the server has none. Fails
 * where it has nothing to ask with.
 */
export async function askInstances(
  server: Server,
  ports: readonly number[],
  asking: Asking,
): Promise<Result<readonly Answer[]>> {
  if (server.forwardsPorts()) {
    const answers = await Promise.all(ports.map((port) => probe(server, port, asking)));
    // The first to ask find out; their answers are about the way, not about the instances.
    if (server.forwardsPorts()) return ok(answers);
  }
  return probeByCommand(server, ports, asking);
}
