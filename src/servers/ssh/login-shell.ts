/**
 * Makes a POSIX command line safe for whatever shell sshd hands it to. Quotes alone are not enough: within single quotes
 * fish reads `\'` and `\\` as escapes, and csh ends the word at a newline and expands `!`. So these four characters are
 * written as octal escapes, which only the `sh` in the middle decodes (`printf %b`, POSIX, in BusyBox and dash too).
 */
export const forAnyShell = (line: string): string =>
  `exec sh -c 'eval "$(printf %b "$0")"' '${line.replace(/[\\'!\n]/g, octal)}'`;

const octal = (character: string): string => `\\0${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
