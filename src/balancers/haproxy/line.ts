import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** What became of a number of commands: all their replies, or why there are none. */
export type Exchange = { readonly replies: readonly string[] } | { readonly lost: 'closed' | 'silent' };

/** One interactive connection to HAProxy's command line. Commands are sent one exchange at a time. */
export interface Line {
  readonly closed: boolean;
  /** Sends one command per line in a single write, and reads as many replies. */
  exchange(commands: readonly string[], deadlineMs: number): Promise<Exchange>;
  close(): void;
}

/** After the command `prompt`, every reply ends with this (management guide, 9.3). */
const promptMark = '\n> ';

/** Cuts what arrives, in whatever pieces, into replies. */
function replyCutter(): (chunk: Buffer) => string[] {
  const decoder = new StringDecoder('utf8');
  let text = '';
  return (chunk) => {
    const searched = Math.max(0, text.length - promptMark.length);
    text += decoder.write(chunk);
    if (text.indexOf(promptMark, searched) < 0) return [];
    const parts = text.split(promptMark);
    text = parts.pop() ?? '';
    return parts.map((part) => part.trim());
  };
}

/**
 * Interactive mode, because there a line is a command in every version: the one-shot mode executes only the first line since 3.0,
 * and since 3.2 refuses a line (all its `;` parts) longer than `tune.bufsize`.
 */
export function makeLine(stream: Duplex): Line {
  const cut = replyCutter();
  let replies: string[] = [];
  let closed = false;
  let wake = () => {};

  const lose = () => {
    closed = true;
    stream.destroy();
    wake();
  };
  stream.on('data', (chunk: Buffer) => {
    replies.push(...cut(chunk));
    wake();
  });
  for (const event of ['end', 'close', 'error']) stream.on(event, lose);

  return {
    get closed() {
      return closed;
    },
    async exchange(commands, deadlineMs) {
      replies = [];
      let silent = false;
      const timer = setTimeout(() => {
        silent = true;
        wake();
      }, deadlineMs);
      if (!closed) stream.write(commands.map((command) => `${command}\n`).join(''));
      while (replies.length < commands.length && !closed && !silent) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      clearTimeout(timer);
      if (replies.length >= commands.length) return { replies };
      lose();
      return { lost: silent ? 'silent' : 'closed' };
    },
    close: lose,
  };
}
