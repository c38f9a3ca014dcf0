import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeEmbeddedFleetFile } from '../../lab/embedded/fleet-file.ts';
import { writeFleetFile } from '../../lab/fleet-file.ts';
import { type LabOptions, labDefaults } from '../../lab/options.ts';
import { readFleet } from '../../src/inputs/fleet.ts';

const host = (name: string, address: string) => ({
  name,
  address,
  sshPort: 2222,
  folder: `/lab/hosts/${name}`,
  enter: [],
});
const balancer = {
  ...host('lb-1', '10.0.0.9'),
  url: 'http://10.0.0.9:8080',
  control: '/lab/lb-1/admin.sock',
  map: '/lab/live.map',
};
const variants: readonly Partial<LabOptions>[] = [
  { strategy: 'blue-green', by: 'pointer' },
  { strategy: 'swap', by: 'pointer' },
  { strategy: 'blue-green', by: 'membership' },
  { strategy: 'swap', by: 'membership', instances: 1 },
];

test.each(variants)('the product accepts the fleet file of a lab: %o', async (variant) => {
  const dir = await mkdtemp(join(tmpdir(), 'fleetflip-lab-'));
  const options: LabOptions = { ...labDefaults, ...variant, dir };
  const servers = [host('web-1', '10.0.0.1'), host('web-2', '10.0.0.2')];
  const facts = { dir, options, user: 'root', servers, balancers: [balancer] };
  await writeFleetFile(join(dir, 'real.yml'), facts);
  const stand = { ...balancer, control: 'http://127.0.0.1:1234/' };
  await writeEmbeddedFleetFile(join(dir, 'embedded.yml'), { ...facts, balancers: [stand] });
  const [real, embedded] = await Promise.all(
    ['real.yml', 'embedded.yml'].map((name) => readFleet(join(dir, name), {})),
  );
  await rm(dir, { recursive: true });

  expect(real).toMatchObject({ ok: true, config: { servers: [{ name: 'web-1', port: 2222 }, { name: 'web-2' }] } });
  expect(embedded).toMatchObject({ ok: true, config: { process: { manager: 'command' } } });
});
