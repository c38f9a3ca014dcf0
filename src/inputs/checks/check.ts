import type { FleetFile } from '../file/fleet-file.ts';
import type { Mistake } from '../mistakes/mistake.ts';
import { checkBalancers } from './balancers.ts';
import { checkServers } from './servers.ts';
import { checkSlots } from './slots.ts';
import { checkStrategy } from './strategy.ts';

/** The sections that could be read; where one could not, its mistakes are known already. */
export type Sections = { readonly [Key in keyof FleetFile]?: FleetFile[Key] | undefined };

/** Mistakes that no single value shows: things that do not fit each other. */
export const crossCheck = (file: Sections): Mistake[] => [
  ...checkServers(file),
  ...checkSlots(file),
  ...checkStrategy(file),
  ...checkBalancers(file),
];
