/** A command line on its way to a server. */
export interface Wired {
  readonly line: string;
  /** What the command reads from its standard input before anything else. */
  readonly preamble: string;
}

/**
 * Dropbear ends the connection at a request of more than 9,000 characters ("String too long"). OpenSSH leaves the limit to the
 * kernel: 128 KiB for a word on Linux.
 */
const longest = { openSsh: 120_000, others: 8_000 };

/** A POSIX command line as this server software takes it. */
export function wired(line: string, software: string): Wired {
  const whole = forAnyShell(line);
  const room = software.startsWith('OpenSSH') ? longest.openSsh : longest.others;
  if (whole.length <= room) return { line: whole, preamble: '' };
  // `read` takes one character at a time, so the rest of the input is left to the command.
  return { line: `exec sh -c 'IFS= read -r line && eval "$(printf %b "$line")"'`, preamble: `${escaped(line)}\n` };
}

/**
 * Makes a POSIX command line safe for whatever shell sshd hands it to. Quotes alone are not enough: within single quotes
 * fish reads `\'` and `\\` as escapes, and csh ends the word at a newline and expands `!`. So these four characters are
 * written as octal escapes, which only the `sh` in the middle decodes (`printf %b`, POSIX, in BusyBox and dash too).
 */
export const forAnyShell = (line: string): string => `exec sh -c 'eval "$(printf %b "$0")"' '${escaped(line)}'`;

const escaped = (line: string): string => line.replace(/[\\'!\n]/g, octal);

const octal = (character: string): string => `\\0${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
