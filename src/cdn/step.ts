import type { CdnConfig } from '../inputs/config.ts';
import { counted, size } from '../report/duration.ts';
import { type Failure, ok, type Result } from '../result.ts';
import type { Clock } from '../rollout/clock.ts';
import type { World } from '../rollout/world.ts';
import { collectAssets } from './assets.ts';
import { openPurger, openStore } from './open.ts';
import { purgeTwice } from './purge-twice.ts';

export interface CdnOptions {
  readonly clock: Clock;
  readonly warn: (failure: Failure) => void;
}

/** What a rollout does with the CDN, where one is configured: assets before the flip, a double purge after it. */
export async function cdnStep(
  config: CdnConfig | undefined,
  options: CdnOptions,
): Promise<Pick<World, 'uploadAssets' | 'purge'>> {
  return {
    ...(config?.upload && { uploadAssets: await uploadStep(config.upload, options) }),
    ...(config?.purge && { purge: await purgeStep(config.purge, options) }),
  };
}

type Step = (signal: AbortSignal) => Promise<Result<string>>;

async function uploadStep(upload: NonNullable<CdnConfig['upload']>, { clock, warn }: CdnOptions): Promise<Step> {
  const store = await openStore(upload, clock);
  return async (signal) => {
    const assets = await collectAssets(upload.from);
    if (!assets.ok) return assets;
    const receipt = await store.put(assets.value, signal);
    if (!receipt.ok) return receipt;
    const { uploaded, unchanged, bytes, replaced } = receipt.value;
    if (replaced.length > 0) warn(overwrote(replaced));
    return ok(`${counted(uploaded, 'file')} sent (${size(bytes)}), ${unchanged} unchanged`);
  };
}

const overwrote = (keys: readonly string[]): Failure => ({
  what: `${counted(keys.length, 'asset')} changed under the same name: pages of the old release get them before the flip`,
  where: 'cdn.upload',
  detail: [...keys.slice(0, 5), ...(keys.length > 5 ? [`… and ${keys.length - 5} more`] : [])].join('\n'),
  advice: 'put a hash of the content into the names of assets',
});

async function purgeStep(purge: NonNullable<CdnConfig['purge']>, { clock }: CdnOptions): Promise<Step> {
  const purger = await openPurger(purge, clock);
  return async (signal) => {
    const purged = await purgeTwice(purger, purge.againAfterMs, { clock, signal });
    return purged.ok ? ok(`${counted(purge.keys.length, 'key')}, twice`) : purged;
  };
}
