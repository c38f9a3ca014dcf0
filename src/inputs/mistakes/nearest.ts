/**
 * The known word that was most likely meant, if one is near enough: at most a third of its letters differ.
 * Case and the choice of `-`, `_` or nothing between words count for nothing.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const written = plain(word).slice(0, 64);
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(written, plain(candidate)) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(plain(candidate).length / 3)))
    .sort((one, other) => one.distance - other.distance);
  return best?.candidate;
}

const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_\s]/g, '');

/** Levenshtein's distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? to.length;
}
