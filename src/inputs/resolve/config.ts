import type { Config, HealthConfig, ProcessConfig, StrategyConfig, WitnessConfig } from '../config.ts';
import type { FleetFile } from '../file/fleet-file.ts';
import type { References } from '../references.ts';
import { shareOf } from '../values/share.ts';
import { resolveBalancers } from './balancers.ts';
import { resolveCdn } from './cdn.ts';
import { resolveServers } from './hosts.ts';
import { resolveSlots } from './slots.ts';

/** The fleet file with everything filled in that follows from something else in it, or from the environment. */
export function resolve(file: FleetFile, environment: References): Config {
  const { app, release, witness, cdn } = file;
  return {
    app,
    servers: resolveServers(file),
    slots: resolveSlots(file),
    release: { ...release, path: release.path ?? `/srv/${app}` },
    process: resolveProcess(file),
    health: resolveHealth(file.health),
    balancers: resolveBalancers(file),
    strategy: resolveStrategy(file),
    budgetMs: file.budget,
    ...(witness === undefined ? {} : { witness: resolveWitness(witness, file.health) }),
    ...(cdn === undefined ? {} : { cdn: resolveCdn(cdn, environment) }),
  };
}

function resolveProcess({ app, instances, process }: FleetFile): ProcessConfig {
  if (process.manager === 'command') return process;
  const { socket, username, password, config } = process;
  return {
    manager: 'supervisord',
    program: process.program ?? (instances.slots === undefined ? app : `${app}-{slot}`),
    socket,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(config === undefined ? {} : { config }),
  };
}

const resolveHealth = ({ path, deadline, host, ...health }: FleetFile['health']): HealthConfig => ({
  path,
  deadlineMs: deadline,
  ...headerOf(health['release-header']),
  ...(host === undefined ? {} : { host }),
});

const resolveWitness = (
  { url, rate, ...witness }: NonNullable<FleetFile['witness']>,
  health: FleetFile['health'],
): WitnessConfig => ({
  url,
  ratePerSecond: rate,
  ...headerOf(witness['release-header'] ?? health['release-header']),
});

const headerOf = (written: string | false) => (written === false ? {} : { releaseHeader: written });

function resolveStrategy({ strategy, instances, servers }: FleetFile): StrategyConfig {
  const minCapacity = strategy['min-capacity'];
  return {
    type: strategyType(strategy.type, instances),
    keepOld: strategy['keep-old'],
    drainMs: strategy.drain,
    ...(minCapacity === undefined ? {} : { minCapacity: shareOf(minCapacity, servers.flat().length) }),
  };
}

/** What a fleet with these slots does unless told otherwise. */
export const strategyType = (
  written: StrategyConfig['type'] | undefined,
  instances: FleetFile['instances'],
): StrategyConfig['type'] => written ?? (instances.slots === undefined ? 'swap' : 'blue-green');
