import type { Duplex, Readable } from 'node:stream';
import type { Result } from '../result.ts';

/**
 * A remote command. `script` is a constant of our own source for POSIX `sh`; whatever varies goes into `args` and is read
 * as "$1", "$2" …, so no file name, release id or configuration value can become shell.
 */
export interface Command {
  readonly script: string;
  readonly args?: readonly string[];
  /** Sent to standard input, then closed. */
  readonly input?: string | Buffer | Readable;
  /** Milliseconds until the command is given up; 60,000 by default. */
  readonly deadlineMs?: number;
}

/** How a command ended. Output is cut at 8 MiB a stream. A missing exit code means a signal ended it. */
export interface Completed {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command still running: `io` is its standard input and output. */
export interface RemoteProcess {
  readonly io: Duplex;
  /** Resolves after the streams have ended. `stdout` is empty: it went through `io`. */
  readonly completed: Promise<Result<Completed>>;
}

/** Where a forwarded channel leads, seen from the server. Port targets are 127.0.0.1 unless a host is given. */
export type ForwardTarget = { readonly port: number; readonly host?: string } | { readonly path: string };

export interface UploadFile {
  /** Absolute path on the runner. */
  readonly from: string;
  /** Path on the server. The folder exists. */
  readonly to: string;
  /** Permission bits, e.g. 0o644. */
  readonly mode: number;
}

/** A machine that runs instances or a balancer, over one connection that stays open for the whole run. */
export interface Server {
  readonly name: string;
  /** What an instance of this server is reached at from the outside (the address in the fleet file). */
  readonly address: string;
  /** Runs a command to its end. Fails when the connection is lost or the deadline passes, not by exit code. */
  run(command: Command): Promise<Result<Completed>>;
  /** Starts a command whose standard input and output are streams (rsync, tar). */
  stream(command: Command): Promise<Result<RemoteProcess>>;
  /** Opens a connection from the server to one of its ports or unix sockets. Falls back to a helper command where forwarding is off. */
  forward(target: ForwardTarget): Promise<Result<Duplex>>;
  /**
   * False once the server is known to forward no ports, so that each `forward` to one costs a command there: whoever asks
   * many ports then asks them all in one command.
   */
  forwardsPorts(): boolean;
  /** Writes files through SFTP, several at once. Fails with `what` "no SFTP" where the subsystem is missing. */
  upload(files: readonly UploadFile[], onBytes?: (bytes: number) => void): Promise<Result<void>>;
  close(): Promise<void>;
}
