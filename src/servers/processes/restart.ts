import { fail, ok, type Result } from '../../result.ts';
import type { Clock } from '../../rollout/clock.ts';
import type { Group, Supervised, SupervisorState } from './group.ts';
import { failedStates, notRunning } from './not-running.ts';
import type { RestartReceipt } from './port.ts';

/** Longer than supervisord's default of 10 s until it kills. */
const stopWithinMs = 60_000;
const startWithinMs = 30_000;

/**
 * All out, then all in. supervisord answers a start at once also for a process whose stop has not ended, says OK and leaves
 * that one stopped; so nothing is started before none has a pid, and then every pid is a new one.
 */
export async function restartGroup(group: Group, clock: Clock): Promise<Result<RestartReceipt>> {
  const began = clock.now();
  const stopped = await stopGroup(group, clock);
  if (!stopped.ok) return stopped;
  const between = clock.now();
  const started = await startGroup(group, clock);
  if (!started.ok) return started;
  return ok({ stopMs: between - began, spawnMs: clock.now() - between, processes: started.value });
}

/** Resolves when no process of the group is up any more. */
export async function stopGroup(group: Group, clock: Clock): Promise<Result<void>> {
  const deadline = clock.now() + stopWithinMs;
  let toStop = true;
  for (;;) {
    if (toStop) {
      const stopped = await group.stop();
      if (!stopped.ok) return stopped;
    }
    const seen = await group.look();
    if (!seen.ok) return seen;
    const up = seen.value.filter(({ state }) => isUp(state));
    const straggler = up.at(-1);
    if (straggler === undefined) return ok(undefined);
    if (clock.now() >= deadline) return fail(neverStopped(group, up));
    const waited = await awaitOne(group, clock, { process: straggler.name, deadline });
    if (!waited.ok) return waited;
    // One that had ended by itself and was just being started again was not reached by the call.
    toStop = up.some(({ state }) => state !== 'STOPPING');
  }
}

const isUp = (state: SupervisorState): boolean =>
  state === 'STARTING' || state === 'RUNNING' || state === 'BACKOFF' || state === 'STOPPING';

/**
 * Waits while one process is stopping. Asking about one is cheap for supervisord, and asking is what wakes it: a child's end
 * alone may leave it sleeping for up to a second (Python restarts the interrupted call, PEP 475).
 */
async function awaitOne(
  group: Group,
  clock: Clock,
  { process, deadline }: { readonly process: string; readonly deadline: number },
): Promise<Result<void>> {
  const began = clock.now();
  do {
    await clock.sleep(Math.min(50, 4 + (clock.now() - began) / 20));
    const seen = await group.lookAt(process);
    if (!seen.ok) return seen;
    if (seen.value.state !== 'STOPPING') break;
  } while (clock.now() < deadline);
  return ok(undefined);
}

/** Resolves to how many processes there are when each has been spawned. */
async function startGroup(group: Group, clock: Clock): Promise<Result<number>> {
  const deadline = clock.now() + startWithinMs;
  for (;;) {
    // Called again, it starts those that an earlier call left behind, and no others.
    const refused = await group.start();
    if (!refused.ok) return refused;
    const seen = await group.look();
    if (!seen.ok) return seen;
    const trouble = { of: seen.value.length, refused: refused.value };
    const failed = seen.value.filter(({ name, state }) => failedStates.has(state) || refused.value.has(name));
    if (failed.length > 0) return fail(await notRunning(group, failed, trouble));
    const late = seen.value.filter((process) => !isSpawned(process));
    if (late.length === 0) return ok(seen.value.length);
    if (clock.now() >= deadline) return fail(await notRunning(group, late, trouble));
    await clock.sleep(10);
  }
}

const isSpawned = ({ state, pid }: Supervised): boolean => (state === 'STARTING' || state === 'RUNNING') && pid > 0;

const neverStopped = ({ name, server }: Group, up: readonly Supervised[]) => ({
  what: `${up.length} of the processes of ${name} did not stop within ${stopWithinMs / 1000} s`,
  where: server,
  detail: up
    .slice(0, 10)
    .map((process) => `${process.name}: ${process.state}, pid ${process.pid}`)
    .join('\n'),
  advice: 'lower stopwaitsecs, after which supervisord kills, or let the application end sooner on its stopsignal',
});
