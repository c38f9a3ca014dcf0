const stars = '***';

/**
 * Makes a function that takes secrets out of everything that leaves other than through the runner's log (which masks by itself):
 * API calls, files, remote output in failures. `secrets` are all forms to look for, as `inputs/` returns them.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const words = secrets.filter((secret) => secret !== '').sort((one, other) => other.length - one.length);
  if (words.length === 0) return (text) => text;
  const pattern = new RegExp(words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(pattern, stars);
}

/** One text without the secrets in it. Of secrets that overlap, the longest is taken first. */
export const redact = (text: string, secrets: readonly string[]): string => redactor(secrets)(text);

/**
 * Remote output that the runner cannot take for a workflow command. It obeys `::name::` after any white space at the start
 * of a line, and the older `##[name]` anywhere in one (actions/runner, ActionCommand.cs; a line also ends at a lone CR).
 * A zero-width space breaks either form and leaves the text readable.
 */
export const neutralise = (text: string): string =>
  text.replace(/(^|[\r\n])([\s\u0085]*):(?=:)/g, `$1$2:\u200b`).replaceAll('##[', '#\u200b#[');
