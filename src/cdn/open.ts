import type { Clock } from '../rollout/clock.ts';
import type { PurgeConfig } from './fastly.ts';
import type { Purger, Store } from './port.ts';
import type { UploadConfig } from './s3-request.ts';

/** The store of the configuration. Its code loads only here, so that a run without a CDN starts without it. */
export async function openStore(config: UploadConfig, clock: Clock): Promise<Store> {
  const { makeStore } = await import('./s3.ts');
  return makeStore(config, clock);
}

/** The purger of the configuration; a file per provider. */
export async function openPurger(config: PurgeConfig, clock: Clock): Promise<Purger> {
  const { makePurger } = await import('./fastly.ts');
  return makePurger(config, clock);
}
