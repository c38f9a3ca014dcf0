import type { z } from 'zod';
import { someTime } from '../values/duration.ts';
import { name } from '../values/names.ts';
import { balancers } from './balancers.ts';
import { cdn } from './cdn.ts';
import { health, witness } from './health.ts';
import { servers, ssh } from './hosts.ts';
import { instances } from './instances.ts';
import { processes } from './process.ts';
import { release } from './release.ts';
import { section } from './section.ts';
import { strategy } from './strategy.ts';

/**
 * The fleet file as people write it. The one source of the parser, the JSON Schema and the reference page. What depends on
 * another key (a default of `/srv/<app>`) is filled in by `resolve`.
 */
export const fleetFile = section({
  app: name.describe('Name of the application; the default of many other names.'),
  servers: servers.describe(
    'Servers: names with ranges such as `web-[1-4].example.com`, or `{name, address, port, user}`.',
  ),
  instances: instances.describe('Which ports the application listens on, on each server.'),
  balancers: balancers.describe('The load balancers in front of the fleet.'),
  ssh: ssh.prefault({}).describe('How servers are reached.'),
  release: release.prefault({}).describe('Where and how a release is stored on the servers.'),
  process: processes.prefault({}).describe('What starts and stops instances.'),
  health: health.prefault({}).describe('How an instance says that it is ready, and which release it is.'),
  witness: witness.optional().describe('Requests through the balancer that record what users see.'),
  strategy: strategy.prefault({}).describe('How the fleet changes.'),
  budget: someTime.prefault('5s').describe('What the flip may take.'),
  cdn: cdn.optional().describe('Static assets and cached pages.'),
});

export type FleetFile = z.output<typeof fleetFile>;
