import type { Asset } from './port.ts';

/** Types that pages are made of; charset where browsers would guess it. Whatever is missing here is served as bytes. */
const types: ReadonlyMap<string, string> = new Map(
  Object.entries({
    avif: 'image/avif',
    css: 'text/css; charset=utf-8',
    csv: 'text/csv; charset=utf-8',
    eot: 'application/vnd.ms-fontobject',
    gif: 'image/gif',
    gz: 'application/gzip',
    htm: 'text/html; charset=utf-8',
    html: 'text/html; charset=utf-8',
    ico: 'image/vnd.microsoft.icon',
    ics: 'text/calendar; charset=utf-8',
    jpeg: 'image/jpeg',
    jpg: 'image/jpeg',
    js: 'text/javascript; charset=utf-8',
    json: 'application/json',
    jsonld: 'application/ld+json',
    map: 'application/json',
    md: 'text/markdown; charset=utf-8',
    mjs: 'text/javascript; charset=utf-8',
    mp3: 'audio/mpeg',
    mp4: 'video/mp4',
    ogg: 'audio/ogg',
    otf: 'font/otf',
    pdf: 'application/pdf',
    png: 'image/png',
    rss: 'application/rss+xml; charset=utf-8',
    svg: 'image/svg+xml; charset=utf-8',
    ttf: 'font/ttf',
    txt: 'text/plain; charset=utf-8',
    vtt: 'text/vtt; charset=utf-8',
    wasm: 'application/wasm',
    wav: 'audio/wav',
    webm: 'video/webm',
    webmanifest: 'application/manifest+json',
    webp: 'image/webp',
    woff: 'font/woff',
    woff2: 'font/woff2',
    xhtml: 'application/xhtml+xml; charset=utf-8',
    xml: 'application/xml; charset=utf-8',
    zip: 'application/zip',
  }),
);

const baseName = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

const extension = (key: string): string => /\.([^.]+)$/.exec(baseName(key))?.[1]?.toLowerCase() ?? '';

export const contentType = (key: string): string => types.get(extension(key)) ?? 'application/octet-stream';

/** Files that say which other files belong together, under a name that stays: pages, manifests, service workers. */
const isDocument = (key: string): boolean =>
  /\.(html?|xhtml|webmanifest)$|manifest[^/]*\.json$|(^|\/)(sw|service-?worker)\.m?js$/i.test(key);

/** Hexadecimal of at least 8 with a digit and a letter: webpack, Parcel, Django, a commit in the path. */
const hexHash = /(?:^|[/._-])(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{8,64}(?=$|[/._-])/;

/** Exactly 8 with a capital inside, before the extension: Vite, Rollup, esbuild. */
const mixedHash = /[._-](?=[\w-]{1,7}[A-Z])[\w-]{8}\.[a-z]\w*(?:\.map)?$/;

/** Whether a name can be taken to belong to one content for ever. When in doubt it does not. */
export const isHashed = (key: string): boolean => hexHash.test(key) || mixedHash.test(key);

/**
 * `Cache-Control` of a file: what was configured, except that documents are always asked for again, and that `immutable` is
 * a promise which only a name with a hash can keep.
 */
export function cacheControl(key: string, configured: string): string {
  const promised = /\bimmutable\b/i.test(configured);
  return isDocument(key) || (promised && !isHashed(key)) ? 'no-cache' : configured;
}

const isCode = (key: string): boolean => /\.(css|m?js|wasm)$/i.test(key);

/** 0: nothing in it refers to others · 1: code under a hashed name · 2: code that refers to it · 3: what refers to all of these. */
function waveOf(key: string): number {
  if (isDocument(key)) return 3;
  if (!isCode(key)) return 0;
  return isHashed(key) ? 1 : 2;
}

/** Assets in the order in which they may become visible: nothing is there before what it refers to. */
export const uploadWaves = (assets: readonly Asset[]): Asset[][] =>
  [0, 1, 2, 3].map((wave) => assets.filter(({ key }) => waveOf(key) === wave));
