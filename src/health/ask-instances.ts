import type { Server } from '../servers/port.ts';
import type { Answer } from './answer.ts';
import { type Asking, probe } from './probe.ts';
import { probeByCommand } from './probe-command.ts';

/** Asks each port once, all at the same time: through forwarded connections, or in one command where the server has none. */
export async function askInstances(
  server: Server,
  ports: readonly number[],
  asking: Asking,
): Promise<readonly Answer[]> {
  if (!server.forwardsPorts()) {
    const answers = await probeByCommand(server, ports, asking);
    if (answers.ok) return answers.value;
  }
  return Promise.all(ports.map((port) => probe(server, port, asking)));
}
