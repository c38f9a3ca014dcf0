import type { AnyAuthMethod, ConnectConfig } from 'ssh2';
import type { Failure } from '../../result.ts';
import type { ConnectOptions } from './connection.ts';

/** What one attempt learnt on the way, for the message when it fails. */
export interface Attempt {
  refusal?: Failure;
  readonly tried: string[];
  /** Methods that the server still takes, in its own words. */
  accepted: readonly string[];
}

/** Offers each key once, then the agent's keys. */
export function authentication(
  { target, credentials }: ConnectOptions,
  attempt: Attempt,
): NonNullable<ConnectConfig['authHandler']> {
  const username = target.user;
  const methods: { readonly name: string; readonly method: AnyAuthMethod }[] = credentials.privateKeys.map(
    ({ key, description }) => ({ name: description, method: { type: 'publickey', username, key } }),
  );
  if (credentials.agent !== undefined)
    methods.push({ name: 'the keys of the SSH agent', method: { type: 'agent', username, agent: credentials.agent } });
  const queue = methods.values();
  return (accepted, _partial, next) => {
    // ssh2 gives null before the first attempt, although its types say otherwise.
    attempt.accepted = accepted ?? [];
    const upcoming = queue.next();
    if (upcoming.done) return refuse(next);
    attempt.tried.push(upcoming.value.name);
    next(upcoming.value.method);
  };
}

/** ssh2 ends the authentication on `false`, which its types leave out of the callback but not out of its manual. */
const refuse: (next: (method: never) => void) => void = (next) => Reflect.apply(next, undefined, [false]);
