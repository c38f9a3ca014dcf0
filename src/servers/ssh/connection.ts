import { setMaxListeners } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type Client, type ClientErrorExtensions, type ConnectConfig } from 'ssh2';
import type { SshTarget } from '../../inputs/config.ts';
import type { Failure } from '../../result.ts';
import { hostKeyAlgorithms, verifyHostKey } from './host-identity.ts';
import type { PrivateKey } from './keys.ts';
import type { KnownHosts } from './known-hosts.ts';

/** How this run proves who it is, and knows who the servers are. */
export interface SshCredentials {
  readonly knownHosts: KnownHosts;
  /** Tried in this order. */
  readonly privateKeys: readonly PrivateKey[];
  /** Socket of an SSH agent (SSH_AUTH_SOCK), asked after the keys. */
  readonly agent?: string;
}

/** An authenticated connection. Its end is told by `lost`, whose reason is a Failure. */
export interface Connection {
  readonly target: SshTarget;
  readonly client: Client;
  /** What the server calls itself, e.g. `OpenSSH_9.2p1` or `dropbear_2022.83`. */
  readonly software: string;
  readonly lost: AbortSignal;
}

/** `again`: the network failed in a way that passes by itself, so one more attempt makes sense. */
export type Connected =
  | { readonly ok: true; readonly value: Connection }
  | { readonly ok: false; readonly failure: Failure; readonly again: boolean };

export interface ConnectOptions {
  readonly target: SshTarget;
  readonly credentials: SshCredentials;
  /** A channel through the previous hop; without it a TCP connection is made. */
  readonly through?: Duplex;
  /** Milliseconds for TCP, key exchange and authentication together. */
  readonly deadlineMs: number;
}

type SshError = Error & ClientErrorExtensions & { readonly code?: unknown };

/** One attempt to connect and log in. */
export function connect(options: ConnectOptions): Promise<Connected> {
  const { target, credentials } = options;
  const socket = options.through ?? connectTcp({ host: target.address, port: target.port, noDelay: true });
  const client = new ssh2.Client();
  let software = '';
  const lost = new AbortController();
  // Each open channel listens to it.
  setMaxListeners(0, lost.signal);
  const attempt: Attempt = { tried: [], accepted: [] };
  return new Promise((resolve) => {
    let trouble: SshError | undefined;
    client.on('error', (error) => {
      // After a refusal or an unreachable agent more errors follow; the first one is the cause.
      trouble ??= error;
      if (error.level !== 'agent') resolve(explain(trouble, options, attempt));
    });
    client.on('close', () => {
      lost.abort(lossOf(target, trouble));
      resolve(explain(trouble ?? new Error('the connection was closed'), options, attempt));
    });
    client.on('ready', () => {
      trouble = undefined;
      resolve({ ok: true, value: { target, client, software, lost: lost.signal } });
    });
    client.connect({
      ...settings(options),
      sock: socket,
      hostVerifier: (key: Buffer) => {
        const verdict = verifyHostKey(credentials.knownHosts, target, key);
        if (!verdict.ok) attempt.refusal = verdict.failure;
        return verdict.ok;
      },
      authHandler: authentication(options, attempt),
    });
    // ssh2 keeps the greeting to itself. It is the first thing a server sends (RFC 4253, section 4.2).
    socket.once('data', (greeting: Buffer) => {
      software = /^SSH-2\.0-([^\s]+)/m.exec(greeting.toString('latin1'))?.[1] ?? '';
    });
  });
}

/** What one attempt learnt on the way, for the message when it fails. */
interface Attempt {
  refusal?: Failure;
  readonly tried: string[];
  /** Methods that the server still takes, in its own words. */
  accepted: readonly string[];
}

/**
 * aes128-gcm first: without native add-ons it is the fastest by far, as Node gives its cipher and its MAC in one pass
 * (docs/benchmarks.md). Nothing is compressed: releases mostly are already, and it would cost the CPU that the flip needs.
 */
const settings = ({ target, credentials, deadlineMs }: ConnectOptions): ConnectConfig => ({
  username: target.user,
  readyTimeout: deadlineMs,
  keepaliveInterval: 5_000,
  keepaliveCountMax: 3,
  // Dropbear and others speak OpenSSH's extensions too; whoever does not says so.
  strictVendor: false,
  algorithms: {
    serverHostKey: hostKeyAlgorithms(credentials.knownHosts, target),
    compress: ['none'],
  },
});

/** Offers each key once, then the agent's keys. */
function authentication(
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

const lossOf = ({ name }: SshTarget, trouble: SshError | undefined): Failure => ({
  what: 'the SSH connection was lost',
  where: name,
  ...(trouble === undefined ? {} : { detail: trouble.message }),
});

function explain(error: SshError, { target, deadlineMs, credentials }: ConnectOptions, attempt: Attempt): Connected {
  const where = target.name;
  const address = `${target.address}:${target.port}`;
  if (attempt.refusal !== undefined) return { ok: false, failure: attempt.refusal, again: false };
  if (error.level === 'client-authentication' || error.level === 'agent')
    return { ok: false, failure: explainRefusal(error, { target, credentials, attempt }), again: false };
  if (error.level === 'client-timeout')
    return {
      ok: false,
      failure: { what: `no SSH connection to ${address} within ${deadlineMs / 1000} s`, where },
      again: true,
    };
  if (error.level === 'handshake')
    return {
      ok: false,
      failure: { what: `no common SSH protocol with ${address}`, where, detail: error.message },
      again: false,
    };
  const failure = { what: `no SSH connection to ${address}`, where, detail: error.message };
  return { ok: false, failure, again: passesByItself(error) };
}

function explainRefusal(
  error: SshError,
  { target, credentials, attempt }: { target: SshTarget; credentials: SshCredentials; attempt: Attempt },
): Failure {
  if (credentials.privateKeys.length === 0 && credentials.agent === undefined)
    return { what: 'there is no SSH key to log in with', where: target.name, advice: 'Set the ssh-key input.' };
  if (error.level === 'agent')
    return { what: `the SSH agent at ${credentials.agent} cannot be asked`, where: target.name, detail: error.message };
  return {
    what: `${target.user} may not log in with any of the given keys`,
    where: target.name,
    detail: [`tried: ${attempt.tried.join(', ')}`, `the server takes: ${attempt.accepted.join(', ')}`].join('\n'),
    advice: `Is the public key in ~/.ssh/authorized_keys of ${target.user}, and are that file and its folders writable by nobody else?`,
  };
}

/** A reset before the greeting is how sshd's MaxStartups, fail2ban and overloaded firewalls turn connections away. */
const passesByItself = ({ code, message }: SshError): boolean =>
  ['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN'].includes(String(code)) ||
  /connection was closed|Connection lost before handshake/.test(message);
