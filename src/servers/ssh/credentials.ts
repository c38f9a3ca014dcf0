import type { Inputs } from '../../inputs/config.ts';
import type { Failure } from '../../result.ts';
import type { SshCredentials } from './connection.ts';
import { parsePrivateKey } from './keys.ts';
import { parseKnownHosts } from './known-hosts.ts';

export type Credentials =
  | { readonly ok: true; readonly value: SshCredentials }
  | { readonly ok: false; readonly failures: readonly Failure[] };

/** Reads key and known hosts from the inputs. Without a key an SSH agent is asked, where the environment names one. */
export function readCredentials(
  { sshKey, sshPassphrase, knownHosts }: Pick<Inputs, 'sshKey' | 'sshPassphrase' | 'knownHosts'>,
  environment: Readonly<Record<string, string | undefined>>,
): Credentials {
  const agent = environment['SSH_AUTH_SOCK'];
  const key = sshKey === undefined ? undefined : parsePrivateKey(sshKey, sshPassphrase);
  const known = knownHosts === undefined ? undefined : parseKnownHosts(knownHosts);
  const failures: Failure[] = [];
  if (known === undefined) failures.push(noKnownHosts);
  if (known?.ok === false) failures.push(known.failure);
  if (key?.ok === false) failures.push(key.failure);
  if (key === undefined && !agent) failures.push(noKey);
  if (failures.length > 0 || !known?.ok) return { ok: false, failures };
  return {
    ok: true,
    value: { knownHosts: known.value, privateKeys: key?.ok ? [key.value] : [], ...(agent && !key && { agent }) },
  };
}

const noKnownHosts: Failure = {
  what: 'no known hosts: the servers could not prove who they are',
  where: 'known-hosts',
  advice: 'give the input known-hosts the text of a known_hosts file (ssh-keyscan, fingerprints compared by a person)',
};

const noKey: Failure = {
  what: 'no SSH key, and no SSH agent either',
  where: 'ssh-key',
  advice: 'give the input ssh-key a private key from a secret; secrets are empty in runs from forks and of Dependabot',
};
