import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runAction } from '../../../lab/runner/run-action.ts';

const action = join(import.meta.dirname, 'fixtures/action');

test('main gets inputs and defaults, and what it leaves behind reaches the caller and post', async () => {
  const result = await runAction({
    action,
    inputs: { 'dry-run': 'true' },
    github: { sha: 'abc', event: { number: 7 } },
  });
  expect(result.log).toBe('release abc, dry run true, event {"number":7}\n');
  expect(result).toMatchObject({
    code: 0,
    masks: ['hush'],
    outputs: { result: 'two\nlines', plain: 'yes' },
    summary: '# Summary\n',
    post: { code: 0, log: 'phase was flip\n' },
  });
  expect(result.cpuMs).toBeGreaterThan(0);
});

test('a cancelled main gets SIGINT, and post still runs', async () => {
  const cancel = new AbortController();
  const onOutput = (text: string) => text.includes('waiting') && cancel.abort();
  const result = await runAction({ action, inputs: { wait: 'yes' }, cancel: cancel.signal, onOutput });
  expect(result.log).toMatch(/cancelled\n$/);
  expect(result).toMatchObject({ code: 1, post: { log: 'phase was flip\n' } });
});

test('an input that action.yml does not have is a mistake of the caller', async () => {
  await expect(runAction({ action, inputs: { relese: 'x' } })).rejects.toThrow('no input relese');
});
