/** Without zeros at the end of a fraction. */
const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** Milliseconds in words, with as many digits as a reader can use: `0.4 ms`, `42 ms`, `3.91 s`, `41.2 s`, `2 min 5 s`, `1 h 3 min`. */
export function duration(ms: number): string {
  if (ms < 10) return `${trimmed(Math.max(0, ms), 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${trimmed(ms / 1000, 2)} s`;
  if (ms < 59_950) return `${trimmed(ms / 1000, 1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600)
    return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** Bytes in decimal units, as networks and stores count them. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${trimmed(bytes / 1e3, 0)} kB`;
  return bytes < 999_500_000 ? `${trimmed(bytes / 1e6, 1)} MB` : `${trimmed(bytes / 1e9, 2)} GB`;
}

/** `12,304`, without asking the machine for its locale. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 request`, `2 requests`, `3 processes`. */
export const counted = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;

/** Something is never shown as nothing. */
export const percent = (share: number): string =>
  share > 0 && share < 0.01 ? 'under 1 %' : `${Math.round(share * 100)} %`;

/** What a copy has sent so far, and of how much. */
export interface Sent {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly files: number;
}

/** `12.3 MB of 24 MB, 812 files` */
export const sentSoFar = ({ bytes, totalBytes, files }: Sent): string =>
  `${size(bytes)} of ${size(totalBytes)}, ${counted(files, 'file')}`;
