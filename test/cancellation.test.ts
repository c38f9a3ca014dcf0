import { afterEach, expect, it, vi } from 'vitest';
import { type Cancellation, cancellation } from '../src/cancellation.ts';

const open: Cancellation[] = [];
const start = (timeoutMs = 60_000) => {
  const cancel = cancellation(timeoutMs);
  open.push(cancel);
  return cancel;
};
/** What would end this process, were it not watched. */
const exit = () => vi.spyOn(process, 'exit').mockReturnValue(undefined as never);

afterEach(() => {
  for (const cancel of open.splice(0)) cancel.dispose();
  vi.restoreAllMocks();
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is told by %s, which it names', (name) => {
  const { signal } = start();
  process.emit(name, name);
  expect(signal.reason).toEqual(new Error(`cancelled by ${name}`));
});

it('is told when the time is up', async () => {
  const { signal } = start(1);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  expect(signal.reason).toEqual(new Error('the time of the run is up'));
});

it('lets a run that is on its way back already go on at the first SIGINT, and ends it at the second', async () => {
  const ended = exit();
  const { signal } = start(1);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  process.emit('SIGINT', 'SIGINT');
  expect(ended).not.toHaveBeenCalled();
  process.emit('SIGTERM', 'SIGTERM');
  expect(ended).not.toHaveBeenCalled();
  process.emit('SIGINT', 'SIGINT');
  expect(ended).toHaveBeenCalledExactlyOnceWith(130);
});

it('takes its handlers away', () => {
  const before = process.listenerCount('SIGINT');
  const cancel = start();
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  cancel.dispose();
  expect(process.listenerCount('SIGINT')).toBe(before);
});
