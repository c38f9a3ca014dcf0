/**
 * What was expected to be able to fail, failed. Read by a person under pressure, so `what` is one line to act on.
 * No field ever carries a secret: whoever builds a failure out of remote output redacts it first.
 */
export interface Failure {
  /** One line: what went wrong, with names and numbers. */
  readonly what: string;
  /** The server, balancer, file (`fleet.yml:12:3`) or service it happened at. */
  readonly where?: string;
  /** The other side's own words, or the last answer seen. May have several lines. */
  readonly detail?: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** Success and failure of an operation that can be expected to fail. Exceptions are left to bugs. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export const fail = (failure: Failure): { readonly ok: false; readonly failure: Failure } => ({ ok: false, failure });
