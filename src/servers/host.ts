import { instancesOf, isAmong, type ReleaseId, type Slot, type SlotName } from '../fleet/nouns.ts';
import { awaitReady, observeInstances } from '../health/readiness.ts';
import type { Config } from '../inputs/config.ts';
import { counted, size } from '../report/duration.ts';
import { fail, ok } from '../result.ts';
import type { Host } from '../rollout/host.ts';
import type { Server } from './port.ts';
import { makeProcessManager } from './processes/manager.ts';
import { observeReleases } from './releases/observe.ts';
import { markPrevious, pointSlot } from './releases/pointers.ts';
import { prune } from './releases/prune.ts';
import type { Shipment } from './releases/shipment.ts';
import { type StageReceipt, stage } from './releases/stage.ts';

export interface HostOptions {
  readonly server: Server;
  readonly config: Config;
  /** The release to stage; missing where nothing is copied (rollback, status). */
  readonly shipment?: { readonly id: ReleaseId; readonly shipment: Shipment };
}

/** A server of the fleet: its files, its processes and what its instances answer, behind one door. */
export function makeHost({ server, config, shipment }: HostOptions): Host {
  const slots = config.slots.filter((slot) => isAmong(server.name, slot.servers));
  const processes = makeProcessManager(config.process, server);
  const portsOf = (name: SlotName) =>
    slots.filter((slot) => slot.name === name).flatMap((slot) => instancesOf(slot, [server.name]));
  return {
    name: server.name,
    async check() {
      const lacks = await Promise.all(slots.map((slot) => processes.check(slot.name)));
      return lacks.filter((lack) => lack !== undefined);
    },
    async observe() {
      const [releases, instances] = await Promise.all([
        observeReleases(server, config.release, config.slots.map(nameOf)),
        observeInstances(server, slots, config.health),
      ]);
      if (!releases.ok) return releases;
      if (!instances.ok) return instances;
      const { releases: complete, sizes, pointers, previous } = releases.value;
      return ok({
        server: server.name,
        releases: complete,
        sizes,
        pointers,
        ...(previous && { previous }),
        instances: instances.value,
      });
    },
    async stage(live, onProgress) {
      if (shipment === undefined) return fail({ what: 'there is no source to copy from', where: server.name });
      const staging = { server, config: config.release, ...shipment, ...(live !== undefined && { live }) };
      const staged = await stage(staging, (sent, total) => onProgress(sent.bytes, total.bytes, sent.files));
      return staged.ok ? ok(noteOf(staged.value)) : staged;
    },
    async restart(slot, release) {
      const pointed = await pointSlot(server, config.release, { slot, id: release });
      if (!pointed.ok) return pointed;
      const restarted = await processes.restart(slot);
      if (!restarted.ok) return restarted;
      const { stopMs, spawnMs, processes: count } = restarted.value;
      return ok(
        `${counted(count, 'process')}: stopped in ${Math.round(stopMs)} ms, spawned in ${Math.round(spawnMs)} ms`,
      );
    },
    point: (slot, release) => pointSlot(server, config.release, { slot, id: release }),
    async awaitReady(slot, release, signal) {
      const { health } = config;
      const instances = portsOf(slot);
      const { deadlineMs } = health;
      const trouble = () => processes.trouble(slot);
      const ready = await awaitReady({ server, instances, release, health, deadlineMs, signal, trouble });
      return ready.ok ? ok(`${instances.length} ready`) : ready;
    },
    stop: (slot) => processes.stop(slot),
    async prune(live, previous) {
      // A cluster that is a slot of its own may never have had the release of the other one.
      if (previous !== undefined && slots.length === config.slots.length) {
        const marked = await markPrevious(server, config.release, previous);
        if (!marked.ok) return marked;
      }
      const removed = await prune(server, config.release, previous === undefined ? [live] : [live, previous]);
      return removed.ok ? ok(removed.value.length === 0 ? 'none' : `${removed.value.length} removed`) : removed;
    },
  };
}

const nameOf = (slot: Slot): SlotName => slot.name;

const noteOf = ({ already, transport, sent }: StageReceipt): string =>
  already
    ? 'was there already, verified'
    : `${counted(sent.files, 'file')}, ${size(sent.bytes)} by ${transport ?? 'links'}`;
