import { type Failure, fail, ok, type Result } from '../result.ts';
import type { Config, Inputs } from './config.ts';

/** The configuration with what a single run wants otherwise. Fails where the fleet has not the slots that the strategy needs. */
export function overridden(
  config: Config,
  { strategy, budgetMs }: Pick<Inputs, 'strategy' | 'budgetMs'>,
): Result<Config> {
  const type = strategy ?? config.strategy.type;
  if ((type === 'blue-green') !== (config.slots.length === 2)) return fail(unfit(type));
  return ok({ ...config, budgetMs: budgetMs ?? config.budgetMs, strategy: { ...config.strategy, type } });
}

const unfit = (type: string): Failure => ({
  where: 'inputs',
  what: `strategy: ${type} does not fit the fleet, which has ${type === 'swap' ? 'two slots' : 'one slot'}`,
  advice: 'leave the input out to do what fits',
});
