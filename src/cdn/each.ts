import { ok, type Result } from '../result.ts';

/**
 * The same work on many items, `width` at a time; results in the order of the items. The first failure is the answer: nothing
 * new starts after it, and `onFailure` may end what is under way.
 */
export async function eachBounded<Item, Value>(
  items: readonly Item[],
  { width, onFailure }: { readonly width: number; readonly onFailure?: () => void },
  work: (item: Item) => Promise<Result<Value>>,
): Promise<Result<Value[]>> {
  const values: Value[] = [];
  const queue = items.entries();
  let failed: Result<Value[]> | undefined;
  const worker = async () => {
    for (const [index, item] of queue) {
      const result = await work(item);
      if (failed) return;
      if (result.ok) values[index] = result.value;
      else {
        failed = result;
        onFailure?.();
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return failed ?? ok(values);
}
