import { join } from 'node:path';
import type { Lab } from './options.ts';
import type { LabRelease } from './releases.ts';
import { type ActionResult, type ActionRun, runAction } from './runner/run-action.ts';

/** The packaged action of this checkout. */
export const packagedAction = join(import.meta.dirname, '..');

export type Run = Partial<Omit<ActionRun, 'inputs'>> & { readonly inputs?: Readonly<Record<string, string>> };

/** The inputs that every step on this lab has. */
export const labInputs = (lab: Lab): Record<string, string> => ({
  fleet: lab.fleetFile,
  'ssh-key': lab.ssh.privateKey,
  'known-hosts': lab.ssh.knownHosts,
});

/** Deploys a release onto a lab with the packaged action, as a workflow's step does. */
export const deploy = (lab: Lab, release: LabRelease, run: Run = {}): Promise<ActionResult> =>
  runAction({
    action: packagedAction,
    // The workspace is what was built: the fleet file names the assets in it.
    workspace: release.source,
    environment: lab.environment,
    ...run,
    inputs: { ...labInputs(lab), release: release.id, source: release.source, ...run.inputs },
  });
