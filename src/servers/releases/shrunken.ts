import { size as bytesWords, counted } from '../../report/duration.ts';
import type { Failure } from '../../result.ts';
import type { ReleaseSize } from './manifest.ts';

/** Below this share of the live release's files or bytes, a build is taken for one that went wrong. */
const suspiciousShare = 0.5;
/** Releases of a handful of files double and halve without meaning anything. */
const fewestFiles = 10;

/**
 * A build that was cut short or an artifact that was unpacked in the wrong place still looks like a release. It is refused when
 * it has fewer than half of the files, or of the bytes, of the release that is live.
 */
export function suspiciouslyShrunken(size: ReleaseSize, live: ReleaseSize): Failure | undefined {
  if (live.files < fewestFiles) return undefined;
  if (size.files >= live.files * suspiciousShare && size.bytes >= live.bytes * suspiciousShare) return undefined;
  return {
    what: `the source has ${words(size)}; the live release has ${words(live)}`,
    advice:
      'look at what the build put into the source folder. If the release is meant to be this small, set allow-shrunken for this run',
  };
}

const words = ({ files, bytes }: ReleaseSize): string => `${counted(files, 'file')} (${bytesWords(bytes)})`;
