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

/**
 * Interactive mode, because there a line is a command in every version: the one-shot mode executes only the first line since 3.0,
 * and since 3.2 refuses a line (all its `;` parts) longer than `tune.bufsize`.
 */
export function makeLine(stream: Duplex): Line {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let replies: string[] = [];
  let closed = false;
  let wake = () => {};

  const take = (chunk: Buffer) => {
    let from = Math.max(0, text.length - promptMark.length);
    text += decoder.write(chunk);
    for (let end = text.indexOf(promptMark, from); end >= 0; end = text.indexOf(promptMark)) {
      replies.push(text.slice(0, end).trim());
      text = text.slice(end + promptMark.length);
      from = 0;
    }
    wake();
  };
  const lose = () => {
    closed = true;
    stream.destroy();
    wake();
  };
  stream.on('data', take);
  for (const event of ['end', 'close', 'error']) stream.on(event, lose);

  return {
    get closed() {
      return closed;
    },
    exchange: (commands, deadlineMs) =>
      new Promise((resolve) => {
        replies = [];
        const settle = (exchange: Exchange) => {
          clearTimeout(timer);
          wake = () => {};
          resolve(exchange);
        };
        const timer = setTimeout(() => {
          settle({ lost: 'silent' });
          lose();
        }, deadlineMs);
        wake = () => {
          if (replies.length >= commands.length) settle({ replies });
          else if (closed) settle({ lost: 'closed' });
        };
        if (closed) wake();
        else stream.write(commands.map((command) => `${command}\n`).join(''));
      }),
    close: lose,
  };
}
