import { makeBalancer, type Reach } from './balancers/open.ts';
import { several } from './balancers/several.ts';
import { cdnStep } from './cdn/step.ts';
import type { ReleaseSize } from './fleet/observation.ts';
import { startWitness } from './health/witness.ts';
import type { Config, Inputs, SshTarget } from './inputs/config.ts';
import type { Happening } from './report/events.ts';
import { type Failure, fail, ok, type Result } from './result.ts';
import type { Clock } from './rollout/clock.ts';
import type { Host } from './rollout/host.ts';
import type { World } from './rollout/world.ts';
import { makeHost } from './servers/host.ts';
import type { Server } from './servers/port.ts';
import { openShipment, type Shipment } from './servers/releases/shipment.ts';
import { readSource } from './servers/releases/source.ts';
import type { SshCredentials } from './servers/ssh/connection.ts';
import { readCredentials } from './servers/ssh/credentials.ts';
import { lasting } from './servers/ssh/lasting.ts';
import { openEach, openServer, type Patience } from './servers/ssh/open.ts';
import type { SshServer } from './servers/ssh/server.ts';

/** What a run is made of. */
export interface Parts {
  readonly config: Config;
  readonly inputs: Inputs;
  /** The process's environment; read for an SSH agent only. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly emit: (happening: Happening) => void;
}

export type Assembled =
  | { readonly ok: true; readonly world: World; readonly size?: ReleaseSize; close(): Promise<void> }
  | { readonly ok: false; readonly failures: readonly Failure[] };

/** Opens everything that a run needs, before anything is changed and before any clock runs. All that fails is told at once. */
export async function assemble(parts: Parts): Promise<Assembled> {
  const { config, inputs, environment } = parts;
  const credentials = readCredentials(inputs, environment);
  if (!credentials.ok) return { ok: false, failures: credentials.failures };
  const [servers, shipment, cdn] = await Promise.all([
    connect(config, credentials.value),
    inputs.command === 'deploy' || inputs.command === 'plan' ? ship(parts) : undefined,
    inputs.command === 'deploy' || inputs.command === 'rollback' ? cdnStepOf(parts) : {},
  ]);
  const closers: (() => Promise<void>)[] = [...servers.values()].flatMap((server) =>
    server.ok ? [() => server.value.close()] : [],
  );
  if (shipment?.ok) closers.push(() => shipment.value.close());
  const close = async () => {
    await Promise.allSettled(closers.map((closer) => closer()));
  };
  const refuse = async (failures: readonly Failure[]): Promise<Assembled> => {
    await close();
    return { ok: false, failures };
  };

  const failures = [...servers.values(), shipment].flatMap((one) => (one === undefined || one.ok ? [] : [one.failure]));
  if (failures.length > 0) return refuse(failures);
  const reach: Reach = async (via) => servers.get(keyOf(via)) ?? fail({ what: 'not connected', where: via.name });
  const [first, ...others] = config.balancers.map((balancer) => makeBalancer(balancer, reach));
  if (first === undefined) return refuse([{ what: 'the fleet file names no balancer' }]);
  const balancer = several([first, ...others]);
  closers.unshift(() => balancer.close());
  const opened = await balancer.open();
  if (!opened.ok) return refuse([opened.failure]);
  const cargo = shipment?.ok ? shipment.value : undefined;
  const world = worldOf(parts, { hosts: hostsOf(parts, servers, cargo), balancer, ...cdn });
  return { ok: true, world, ...(cargo && { size: cargo.manifest.size }), close };
}

type Servers = ReadonlyMap<string, Result<Server>>;

const hostsOf = ({ config, inputs }: Parts, servers: Servers, shipment: Shipment | undefined): Host[] =>
  config.servers.flatMap((target) => {
    const server = servers.get(keyOf(target));
    if (!server?.ok) return [];
    return [
      makeHost({ server: server.value, config, ...(shipment && { shipment: { id: inputs.release, shipment } }) }),
    ];
  });

const cdnStepOf = ({ config, clock, emit }: Parts) =>
  cdnStep(config.cdn, { clock, warn: (failure) => emit({ type: 'warning', failure }) });

type Opened = Pick<World, 'hosts' | 'balancer' | 'uploadAssets' | 'purge'>;

function worldOf({ config, clock, emit }: Parts, opened: Opened): World {
  const { witness } = config;
  return {
    ...opened,
    ...(witness && { startWitness: (wanted) => startWitness({ ...witness, wanted, clock }) }),
    clock,
    emit,
    limits: { admitMs: config.health.deadlineMs, drainMs: config.strategy.drainMs },
  };
}

/** A machine is reached once, whether it runs instances, the balancer or both. Behind another jump host it is another machine. */
const keyOf = ({ jump, ...target }: SshTarget): string =>
  [...jump, target].map(({ user, address, port }) => `${user}@${address}:${port}`).join(' ');

/** Users may be waiting when a connection is made anew, and whoever asks will ask again. */
const inHaste: Patience = { deadlineMs: 5_000, attempts: 1, pauseMs: 0 };

async function connect(config: Config, credentials: SshCredentials): Promise<Servers> {
  const all = [...config.servers, ...config.balancers.flatMap((balancer) => balancer.via ?? [])];
  const targets = [...new Map(all.toReversed().map((target) => [keyOf(target), target])).values()];
  const opened = await openEach(targets, credentials);
  await Promise.all(opened.map((server) => (server.ok ? warmUp(server.value) : undefined)));
  const again = (target: SshTarget) => () => openServer(target, credentials, { patience: inHaste });
  const lastingly = (target: SshTarget, server: Result<SshServer> | undefined): Result<Server> => {
    if (server === undefined) return fail({ what: 'not connected', where: target.name });
    return server.ok ? ok(lasting(server.value, again(target))) : server;
  };
  return new Map(targets.map((target, index) => [keyOf(target), lastingly(target, opened[index])]));
}

/**
 * sshd sends small packets at once (TCP_NODELAY) only after the first session on a connection; until then forwarded answers
 * take some 40 ms each, which a flip would pay for.
 */
const warmUp = (server: Server) => server.run({ script: ':' });

/** Reads the source once, for all servers. */
async function ship({ config, inputs }: Parts): Promise<Result<Shipment> | undefined> {
  if (inputs.source === undefined) {
    return fail({ what: 'no source: the folder with the release is missing', advice: 'set the input source' });
  }
  const manifest = await readSource(inputs.source, config.release.shared);
  return manifest.ok ? { ok: true, value: openShipment(inputs.source, manifest.value) } : manifest;
}
