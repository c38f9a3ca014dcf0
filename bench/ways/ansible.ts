import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { supervisorGroup } from '../../lab/supervisord.ts';
import { byHand, type Scene, shopOf } from './by-hand.ts';

const needs = { program: 'ansible-playbook', package: 'ansible' };

/** A rolling update of half the servers at a time, with Ansible's own modules. */
export const ansible = byHand({
  name: 'ansible',
  what: 'Ansible: rolling update, half by half',
  needs,
  async run(scene, touched) {
    const { folder } = scene.client;
    await writeFile(join(folder, 'ansible.cfg'), settings(join(folder, 'ansible'), scene.client.options));
    await writeFile(join(folder, 'inventory.json'), JSON.stringify(inventory(scene)));
    await writeFile(join(folder, 'variables.json'), JSON.stringify(variables(scene)));
    const seen = new Map<string, number>();
    await play(scene, (headline) => {
      seen.set(headline, seen.get(headline) ?? performance.now());
      if (headline === 'PLAY [Roll]') touched();
    });
    return (seen.get('PLAY [Roll]') ?? Number.NaN) - (seen.get('PLAY [Copy]') ?? Number.NaN);
  },
});

/** What differs from server to server. JSON is YAML, which an inventory may be. */
function inventory({ lab }: Scene): object {
  const web = lab.servers.map((server) => [
    server.name,
    { address: server.address, shop: shopOf(server), supervisor: `${server.folder}/supervisord.conf` },
  ]);
  const balancers = lab.balancers.map(({ name }) => [name, {}]);
  return { web: { hosts: Object.fromEntries(web) }, balancers: { hosts: Object.fromEntries(balancers) } };
}

function variables({ lab, slot, from, to }: Scene): object {
  const [balancer] = lab.balancers;
  return {
    source: to.source,
    release: to.id,
    live: from.id,
    slot: slot.name,
    ports: slot.ports,
    group: supervisorGroup(slot.name),
    backend: 'shop-all',
    balancer: balancer?.name,
    socket: balancer?.control,
  };
}

/** Runs the playbook; hears of its plays and tasks as they begin. */
async function play({ client }: Scene, onHeadline: (headline: string) => void): Promise<void> {
  const file = (name: string) => join(client.folder, name);
  const playbook = join(import.meta.dirname, 'rolling.yml');
  const argv = ['-i', file('inventory.json'), '-e', `@${file('variables.json')}`, playbook];
  const child = spawn(needs.program, argv, {
    // Ansible refuses to start where the locale is not UTF-8.
    env: { ...process.env, LC_ALL: 'C.UTF-8', ANSIBLE_CONFIG: file('ansible.cfg') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const output: string[] = [];
  createInterface(child.stderr).on('line', (line) => output.push(line));
  createInterface(child.stdout).on('line', (line) => {
    output.push(line);
    const [headline] = /^(PLAY|TASK) \[.*\]/.exec(line) ?? [];
    if (headline !== undefined) onHeadline(headline);
  });
  const [code] = await ended;
  if (code !== 0) throw new Error(`${needs.program} ended with ${code}:\n${output.slice(-40).join('\n')}`);
}

/** As Ansible's guide to speed advises: connections are kept and modules go through a pipe. Nothing is left in the home folder. */
const settings = (home: string, sshOptions: readonly string[]): string => `\
[defaults]
home = ${home}
remote_tmp = ${home}/remote
interpreter_python = auto_silent

[ssh_connection]
control_path_dir = ${home}/cp
pipelining = true
ssh_args = ${sshOptions.join(' ')} -o ControlMaster=auto -o ControlPersist=60s
`;
