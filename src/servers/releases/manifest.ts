/** A regular file of a release. Of its mode only the executable bit counts: files are 0644 or 0755 on every server. */
export interface ReleaseFile {
  /** Below the release, with `/`. Holds no control character. */
  readonly path: string;
  /** Hexadecimal, lower case. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
  /** Seconds since 1970, as on the runner, so that `Last-Modified` and ETags are the same on all servers. */
  readonly modifiedAt: number;
}

export interface ReleaseLink {
  readonly path: string;
  /** As it stands in the link: relative, and never leading out of the release. */
  readonly target: string;
}

/** How much a release holds; the first line of its manifest. */
export interface ReleaseSize {
  readonly files: number;
  readonly bytes: number;
}

/** Everything a release consists of. Made once, on the runner. */
export interface Manifest {
  readonly files: readonly ReleaseFile[];
  readonly links: readonly ReleaseLink[];
  readonly folders: readonly string[];
  readonly size: ReleaseSize;
}

const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

export const sizeOf = (files: readonly ReleaseFile[]): ReleaseSize => ({
  files: files.length,
  bytes: files.reduce((sum, { size }) => sum + size, 0),
});

export function manifestOf(parts: Omit<Manifest, 'size'>): Manifest {
  return {
    files: parts.files.toSorted(byPath),
    links: parts.links.toSorted(byPath),
    folders: parts.folders.toSorted(),
    size: sizeOf(parts.files),
  };
}

/**
 * The manifest as it is kept beside the release on a server: a line with its size, then one line for each thing in it.
 *
 *     # fleetflip manifest 1: 3 files, 420 bytes
 *     f <sha256> ./path          a file, mode 0644
 *     x <sha256> ./path          a file, mode 0755
 *     l - ./path<TAB>target      a symbolic link
 *     d - ./path                 a folder
 *
 * A server lists a folder in the same form (`survey.ts`), so that sort(1) and uniq(1) tell what differs.
 * Equal releases have equal texts.
 */
export function manifestText({ files, links, folders, size }: Manifest): string {
  return [
    `# fleetflip manifest 1: ${size.files} files, ${size.bytes} bytes`,
    ...files.map((file) => `${file.executable ? 'x' : 'f'} ${file.sha256} ./${file.path}`),
    ...links.map((link) => `l - ./${link.path}\t${link.target}`),
    ...folders.map((folder) => `d - ./${folder}`),
    '',
  ].join('\n');
}

/** Reads the first line of a manifest; `undefined` where it is none. */
export function parseReleaseSize(line: string): ReleaseSize | undefined {
  const found = /^# fleetflip manifest 1: (\d+) files, (\d+) bytes$/.exec(line.trimEnd());
  return found ? { files: Number(found[1]), bytes: Number(found[2]) } : undefined;
}
