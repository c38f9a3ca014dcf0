import { z } from 'zod';
import { nearest } from '../mistakes/nearest.ts';

/** Control characters have no place in a path, a command or a header: a line break could start a second one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const oneLine = /^[^\u0000-\u001f\u007f]+$/;

/** Text of one line that is not empty. */
export const line = z.string().regex(oneLine, { error: 'must be text on one line, not empty', abort: true });

const absolute = 'must be an absolute path without ".." below "/"';

const goesUp = (path: string): boolean => path.split('/').includes('..');

/** An absolute path of a file or folder on a server. */
export const absolutePath = line.refine(
  (path) => path.startsWith('/') && path.replaceAll('/', '') !== '' && !goesUp(path),
  { error: absolute },
);

/** A path that stays below the folder it is meant for. */
export const relativePath = line.refine(
  (path) => !path.startsWith('/') && !goesUp(path) && !path.split('/').includes('.') && !path.endsWith('/'),
  { error: 'must be a relative path without "." and ".."' },
);

/** An http or https address without credentials in it, which would end up in reports. */
export const address = line.refine(isWebAddress, {
  error: 'must be an http:// or https:// address without credentials',
});

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

/** Text in which `{name}` is replaced later, for the names given. */
export const template = (known: readonly string[]) =>
  line.superRefine((text, context) => {
    for (const [, placeholder = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
      if (known.includes(placeholder)) continue;
      const guess = nearest(placeholder, known);
      const advice =
        guess === undefined ? `known: ${known.map((each) => `{${each}}`).join(', ')}` : `did you mean {${guess}}?`;
      context.addIssue({
        code: 'custom',
        input: text,
        message: 'has an unknown placeholder',
        params: { advice },
      });
    }
  });
