import { parseArgs } from 'node:util';
import { z } from 'zod';
import { namespacesAllowed } from './network.ts';
import type { LabMode } from './options.ts';
import { missingPackages } from './packages.ts';

const Arguments = z.object({
  mode: z.enum(['namespaces', 'loopback', 'embedded']).optional(),
  instances: z.coerce.number().int().min(1).max(900).optional(),
  strategy: z.enum(['blue-green', 'swap']).default('blue-green'),
  by: z.enum(['pointer', 'membership']).default('pointer'),
  json: z.boolean().default(false),
});

/** What `npm run demo` and `npm run lab` were told. */
export function readArguments(argv: readonly string[]): z.infer<typeof Arguments> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      mode: { type: 'string' },
      instances: { type: 'string' },
      strategy: { type: 'string' },
      by: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  return Arguments.parse(values);
}

/** The most real lab that this machine can have. */
export async function bestMode(): Promise<LabMode> {
  if ((await missingPackages()).length > 0) return 'embedded';
  return (await namespacesAllowed()) ? 'namespaces' : 'loopback';
}

/** Processes in Node are heavy: the embedded lab has few of them. */
export const usualInstances = (mode: LabMode): number => (mode === 'embedded' ? 2 : 64);

/** What somebody who looks at this lab must know first. */
export const introduction: Readonly<Record<LabMode, string>> = {
  namespaces:
    'Real servers: a network namespace each, with its own address, files, OpenSSH and supervisord; HAProxy in front.',
  loopback:
    'Real OpenSSH, supervisord and HAProxy, but all on the loopback interface: this machine allows no namespaces.',
  embedded:
    'EMBEDDED STAND-IN, written in Node: no OpenSSH, supervisord or HAProxy here, and few processes. It shows the order of things, not their speed.',
};
