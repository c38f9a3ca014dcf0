import type { ReleaseId } from '../fleet/nouns.ts';
import type { Ending } from './conclude.ts';
import type { World } from './world.ts';

/** Keeps the witness on while `work` runs, where one is configured, and adds what it saw. */
export async function watched(world: World, release: ReleaseId, work: () => Promise<Ending>): Promise<Ending> {
  const witness = world.startWitness?.(release);
  if (witness === undefined) return work();
  const ending = await work().catch(async (bug) => {
    await witness.stop();
    throw bug;
  });
  const summary = await witness.stop();
  world.emit({ type: 'witness', summary });
  return { ...ending, witness: summary };
}
