/**
 * Time against a budget as one line of text, `width` characters long. Within the budget the line is the budget; over it
 * the line is the time, and `┃` stands where the budget ended. Whole characters only: the narrower blocks of Unicode are
 * drawn with gaps by many fonts.
 */
export function budgetBar(ms: number, budgetMs: number, width = 24): string {
  if (ms <= budgetMs) {
    const full = Math.max(ms > 0 ? 1 : 0, Math.round((width * ms) / budgetMs));
    return '█'.repeat(full) + '░'.repeat(width - full);
  }
  const within = Math.min(width - 2, Math.max(1, Math.round((width * budgetMs) / ms)));
  return `${'█'.repeat(within)}┃${'▓'.repeat(width - within - 1)}`;
}
