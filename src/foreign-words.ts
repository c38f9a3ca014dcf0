/**
 * Words of a program or server that is not ours, made fit for a report: one line, nothing that steers a terminal, not
 * endless.
 */
export function foreignWords(text: string, limit = 200): string {
  const line = text
    .slice(0, limit * 8)
    .replaceAll(ansi, '')
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1).trimEnd()}…` : line;
}

/** The last lines of somebody else's output, each as above. */
export const foreignLines = (text: string, lines = 12): readonly string[] =>
  text
    .split('\n')
    .map((line) => foreignWords(line))
    .filter((line) => line !== '')
    .slice(-lines);

// biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI sequences begin with the escape character
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;
