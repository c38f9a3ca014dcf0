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

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment), one row at a time. */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  const at = (line: readonly number[], column: number): number => line[column] ?? Number.POSITIVE_INFINITY;
  for (let line = 0; line < from.length; line++) {
    const next = [line + 1];
    for (let column = 0; column < to.length; column++) {
      const replaced = at(row, column) + (from[line] === to[column] ? 0 : 1);
      const swaps = from[line] === to[column - 1] && from[line - 1] === to[column];
      const swapped = swaps ? at(before, column - 1) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, at(row, column + 1) + 1, at(next, column) + 1));
    }
    before = row;
    row = next;
  }
  return at(row, to.length);
}
