import type { ReleaseId } from '../fleet/nouns.ts';
import type { Ending } from './conclude.ts';
import type { World } from './world.ts';

/** Keeps the witness on while `work` runs, where one is configured, and adds what it saw. */
export async function watched(world: World, release: ReleaseId, work: () => Promise<Ending>): Promise<Ending> {
  const witness = world.startWitness?.(release);
  const ending = await work();
  if (witness === undefined) return ending;
  const summary = await witness.stop();
  world.emit({ type: 'witness', summary });
  return { ...ending, witness: summary };
}
