import type { Result } from '../result.ts';

/** One file for the store. `key` is relative to the upload's destination, with `/`. */
export interface Asset {
  readonly key: string;
  /** Absolute path on the runner. */
  readonly path: string;
  readonly size: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

export interface UploadReceipt {
  readonly uploaded: number;
  readonly unchanged: number;
  readonly bytes: number;
  /** Keys whose content changed under the same name: pages of the old release get the new content before the flip. */
  readonly replaced: readonly string[];
}

/** Where assets live. */
export interface Store {
  /** Puts what is missing or different, then verifies every asset. Nothing is ever deleted. */
  put(assets: readonly Asset[], signal: AbortSignal): Promise<Result<UploadReceipt>>;
}

/** The cache in front of the pages. */
export interface Purger {
  purge(signal: AbortSignal): Promise<Result<void>>;
}
