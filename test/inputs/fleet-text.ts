import { parseFleet } from '../../src/inputs/fleet.ts';
import type { Environment } from '../../src/inputs/references.ts';

/** A fleet file that is right; tests replace one section of it. */
const sections: Readonly<Record<string, string>> = {
  app: 'app: shop',
  servers: 'servers: web-[1-4]',
  instances: 'instances: { slots: { blue: 8001-8002, green: 9001-9002 } }',
  balancers: 'balancers: [{ via: lb-1 }]',
};

export const fleetText = (changed: Readonly<Record<string, string>> = {}): string =>
  Object.values({ ...sections, ...changed }).join('\n');

export const reference = (name: string): string => `$\{env:${name}}`;

export const read = (text: string, environment: Environment = {}) =>
  parseFleet(text, { name: 'fleet.yml', environment });

/** The configuration of a file that must be right. */
export function configOf(changed: Readonly<Record<string, string>>, environment: Environment = {}) {
  const result = read(fleetText(changed), environment);
  if (!result.ok) throw new Error(lines(result).join('\n'));
  return result.config;
}

/** The mistakes of a file that must be wrong, a line each: `fleet.yml:2:10 servers: … → advice`. */
export function mistakesOf(changed: Readonly<Record<string, string>>, environment: Environment = {}): string[] {
  return lines(read(fleetText(changed), environment));
}

export const lines = (result: ReturnType<typeof read>): string[] =>
  result.ok
    ? []
    : result.failures.map(({ where, what, advice }) => `${where} ${what}${advice === undefined ? '' : ` → ${advice}`}`);
