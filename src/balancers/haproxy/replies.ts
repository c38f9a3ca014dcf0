/**
 * Pure readers of what the Runtime API prints. CSV and tables are read by their header, because columns come and go between
 * versions; JSON is left alone, because it takes 0.7 s for 512 servers where CSV takes 3 ms.
 */

/** A line of a table: its cell in the named column, empty where there is none. No object is built: 512 servers have 50,000 cells. */
export type Row = (column: string) => string;

/** With `set severity-output number` a remark is `[level]: text`, levels as in syslog. A change that was made prints nothing. */
const remark = /^\[(\d)\]: (.*)$/s;

/** Why a change was not made; missing where it was. */
export function refusal(reply: string): string | undefined {
  const [, level, text] = remark.exec(reply) ?? [];
  if (level === undefined) return reply === '' ? undefined : reply;
  return Number(level) <= 3 ? text?.trim() : undefined;
}

/** A remark without its level. */
export const plain = (reply: string): string => (remark.exec(reply)?.[2] ?? reply).trim();

/** Whether the answering process is on its way out, from `show info`. */
export const isStopping = (info: string): boolean => /^Stopping: 1$/m.test(info);

/** The value that `get map` found. */
export const mapValue = (reply: string): string | undefined => /found=yes.*\bvalue="([^"]*)"/.exec(reply)?.[1];

function rows(header: readonly string[], lines: readonly (readonly string[])[]): Row[] {
  const columns = new Map(header.map((name, index) => [name, index]));
  return lines.map((cells) => (column) => cells[columns.get(column) ?? -1] ?? '');
}

/** Splits a CSV line; text columns such as `last_chk` may be quoted. */
export function csvCells(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  );
}

/** `show stat`: CSV whose header line starts with `# `. */
export function statRows(reply: string): Row[] {
  const [header = '', ...lines] = reply.split('\n');
  const filled = lines.filter((line) => line !== '');
  return rows(csvCells(header.replace(/^# /, '')), filled.map(csvCells));
}

/** `show servers state`: a version line, a header that starts with `# `, then words. */
export function stateRows(reply: string): Row[] {
  const [, header = '', ...lines] = reply.split('\n');
  const filled = lines.filter((line) => line !== '');
  return rows(
    header.replace(/^# /, '').split(' '),
    filled.map((line) => line.split(' ')),
  );
}

/**
 * The mask `srv_admin_state`: 1 put into maintenance, 2 through a tracked server, 32 by DNS; 8 and 16 drained. Bit 4 only says that
 * the configuration file had the server disabled: it stays after the server was enabled (haproxytech/dataplaneapi#343).
 */
export function administrative(mask: number): 'enabled' | 'drained' | 'disabled' {
  if (mask & (1 | 2 | 32)) return 'disabled';
  return mask & (8 | 16) ? 'drained' : 'enabled';
}
