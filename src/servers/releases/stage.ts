import type { ReleaseConfig } from '../../inputs/config.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Server } from '../port.ts';
import type { ReleaseSize } from './manifest.ts';
import { reconcile } from './reconcile.ts';
import { send } from './send.ts';
import type { Shipment } from './shipment.ts';
import type { TransportName } from './transports/choose.ts';
import { whyNotStaged, withCause } from './trouble.ts';

export interface Staging {
  readonly server: Server;
  readonly config: ReleaseConfig;
  readonly id: string;
  readonly shipment: Shipment;
  /** The release that answers users on this server. It is never written to, and unchanged files are taken from it. */
  readonly live?: string;
}

/** What it took to get a release onto a server. */
export interface StageReceipt {
  /** Missing when nothing had to be sent. */
  readonly transport?: TransportName;
  /** Sent to this server, before compression. */
  readonly sent: ReleaseSize;
  /** The release was there already, complete and unchanged. */
  readonly already: boolean;
}

/** Hears the sum of what has been sent to the server so far, and what is to be sent. */
export type OnProgress = (sent: ReleaseSize, total: ReleaseSize) => void;

/** Hashing and sending may take long for large releases; the run's own timeout is the shorter one as a rule. */
export const stagingDeadlineMs = 60 * 60_000;
/** The second time is for files that changed on the way. */
const sendings = 2;

/**
 * Puts a release onto a server: the server says what it is missing (by SHA-256), that is sent, and the server looks again. It is
 * staged when every file in it was hashed there. Once more with the same source changes nothing; with another source under
 * the same id, the release is replaced, or refused where it is live.
 */
export async function stage(staging: Staging, onProgress: OnProgress = () => {}): Promise<Result<StageReceipt>> {
  const turn = { ...staging, deadlineMs: stagingDeadlineMs };
  const first = await reconcile({ ...turn, manifest: staging.shipment.text });
  if (!first.ok) return fail(withCause(first.failure));
  let answer = first.value;
  let receipt: StageReceipt = { sent: { files: 0, bytes: 0 }, already: answer.state === 'present' };
  for (let sending = 0; sending < sendings && answer.state === 'needs'; sending += 1) {
    const sent = await send(staging, { ...first.value, ...answer }, onProgress);
    if (!sent.ok) return sent;
    receipt = { ...sent.value, already: false };
    const next = await reconcile(turn);
    if (!next.ok) return fail(withCause(next.failure));
    answer = next.value;
  }
  if (answer.state === 'staged' || answer.state === 'present') return ok(receipt);
  return fail(await whyNotStaged(staging, answer));
}
