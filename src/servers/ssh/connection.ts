import { setMaxListeners } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import type { SshTarget } from '../../inputs/config.ts';
import type { Failure } from '../../result.ts';
import { type Attempt, authentication } from './authentication.ts';
import { explain, lossOf, type SshError } from './connect-failure.ts';
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
      if (error.level === 'agent') return;
      resolve(explain(trouble, options, attempt));
      // Our good-bye is on its way; a server that keeps its end open must not keep us.
      socket.once('finish', () => socket.destroy());
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

/**
 * Ciphers and key exchange stay in ssh2's order, which begins with the cheapest on Node: curve25519, and aes128-gcm with
 * 2 ms of CPU for a megabyte (aes128-ctr 2.5, chacha20 3.8), native add-on or not. Nothing is compressed: releases mostly
 * are already, and it would cost CPU that the flip needs.
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
