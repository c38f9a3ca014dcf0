import { describe, expect, it } from 'vitest';
import { overridden } from '../../src/inputs/override.ts';
import { configOf } from './fleet-text.ts';

describe('what one run wants otherwise', () => {
  const config = configOf({});

  it('replaces what the fleet file says', () => {
    expect(overridden(config, { budgetMs: 1 })).toMatchObject({ ok: true, value: { budgetMs: 1 } });
    expect(overridden(config, {})).toEqual({ ok: true, value: config });
  });

  it('must fit the slots', () => {
    expect(overridden(config, { strategy: 'blue-green' }).ok).toBe(true);
    expect(overridden(config, { strategy: 'swap' })).toMatchObject({
      ok: false,
      failure: { what: 'strategy: swap does not fit the fleet, which has two slots' },
    });
    const oneSlot = configOf({ instances: 'instances: { ports: 1 }' });
    expect(overridden(oneSlot, { strategy: 'blue-green' }).ok).toBe(false);
  });
});
