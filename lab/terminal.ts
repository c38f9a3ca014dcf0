/** What a person wants to see of a step's log: the runner's commands become what the runner makes of them. */
function readable(line: string): string | undefined {
  const command = /^::([a-z-]+)(?: [^:]*)?::(.*)$/.exec(line);
  if (!command) return line;
  const [, name, text = ''] = command;
  if (name === 'group') return `▸ ${text}`;
  if (name === 'error' || name === 'warning' || name === 'notice') return `${name}: ${unescaped(text)}`;
  return undefined;
}

/** The runner's own escapes, the percent sign last. */
const unescaped = (text: string): string => text.replaceAll('%0A', ' ').replaceAll('%0D', '').replaceAll('%25', '%');

/** Prints a stream of log text line by line, indented, as it comes. */
export function linePrinter(print: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const shown = readable(line);
      if (shown !== undefined) print(`  │ ${shown}`);
    }
  };
}

/** A table with aligned columns; the first row is its head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return rows.map((row) => `  ${line(row).join('   ')}`).join('\n');
}
