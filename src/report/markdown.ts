/**
 * Text of others in our markdown. Names of servers, releases and branches, and above all the words of remote machines, must
 * not be able to become markup, links, mentions or cross-references in a comment that we sign.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI sequences begin with the escape character
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;
const ZERO_WIDTH_SPACE = '\u200b';

/** Without colours, cursor movements, direction overrides and other invisible steering. Tabs and line ends stay. */
export const plain = (text: string): string => text.replace(/\r\n?/g, '\n').replace(ANSI, '').replace(CONTROL, '');

const entities = (text: string, which: RegExp): string => text.replace(which, (char) => `&#${char.codePointAt(0)};`);

const oneLine = (text: string): string => plain(text).replace(/\s+/g, ' ').trim();

/** At most `limit` UTF-16 units, never half a surrogate pair. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, limit - 1);
  return `${/[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head}…`;
}

/**
 * One line of running text. Entities alone would not stop GitHub's filters for mentions, references and bare addresses:
 * those look at the text *after* entities were resolved, so a zero-width space separates the sign from what follows.
 */
export function inline(text: string, limit = 300): string {
  const separated = cut(oneLine(text), limit)
    .replace(/[@#](?=\w)|\bGH-(?=\d)/gi, (sign) => `${sign}${ZERO_WIDTH_SPACE}`)
    .replace(/:(?=\/\/)|www(?=\.)/gi, (sign) => `${sign}${ZERO_WIDTH_SPACE}`);
  return entities(separated, /[&<>`*_~[\]\\|!$#@]/g);
}

/** A name in code type; neither mentions nor references are made inside code. */
export function code(text: string, limit = 100): string {
  const name = cut(oneLine(text), limit);
  return /^[\w.,:/ ()+=-]+$/.test(name) ? `\`${name}\`` : `<code>${entities(name, /[^\w., ()/+=-]/gu)}</code>`;
}

/** As `inline`, but what stands between backticks becomes code, as the author of a message meant it. */
export const sentence = (text: string, limit = 500): string =>
  cut(oneLine(text), limit)
    .split(/`([^`]+)`/)
    .map((piece, index) => (index % 2 === 1 ? code(piece) : spaced(piece)))
    .join('');

/** `inline` without losing the spaces at both ends. */
const spaced = (text: string): string =>
  `${/^\s/.test(text) ? ' ' : ''}${inline(text)}${/\S\s+$/.test(text) ? ' ' : ''}`;

/** Several lines of somebody else's words. The fence is longer than any run of backticks within. */
export function fenced(text: string, { lines = 15, characters = 2_000 } = {}): string {
  const all = plain(text).trimEnd().split('\n');
  const shown = all.length > lines ? [...all.slice(0, lines), `… ${all.length - lines} more lines`] : all;
  const body = cut(shown.join('\n'), characters);
  const longest = Math.max(2, ...(body.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${body}\n${fence}`;
}

/** A link; an address that is not plain HTTP(S) stays text. */
export function link(words: string, address: string): string {
  if (!/^https?:\/\/[^\s<>()]+$/.test(address)) return inline(words);
  return `[${inline(words)}](${encodeURI(decodable(address).toWellFormed())})`;
}

const decodable = (address: string): string => {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
};

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => ':---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** A figure and its unit, kept on one line in a narrow table. */
export const figure = (text: string): string => text.replaceAll(' ', '&nbsp;');

/** What few readers need. GitHub renders markdown within only after an empty line. */
export const folded = (title: string, body: string, open: boolean): string =>
  `<details${open ? ' open' : ''}>\n<summary>${title}</summary>\n\n${body}\n\n</details>`;
