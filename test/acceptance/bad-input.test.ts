import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packagedAction } from '../../lab/deploy.ts';
import { runAction } from '../../lab/runner/run-action.ts';

const fleet = `
app: shop
servers: [web-1, web-2]
instances: { ports: 8001-8064 }
balancers:
  - driver: haproxy
    socket: /run/haproxy/admin.sock
    pointer: { map: /etc/haproxy/live.map, key: shop, pools: { all: x, a: y, b: z } }
`;

describe('the packaged action refuses', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ff-bad-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = async (text: string, inputs: Record<string, string> = {}) => {
    const file = join(folder, 'fleet.yml');
    await writeFile(file, text);
    return runAction({
      action: packagedAction,
      workspace: folder,
      inputs: { fleet: file, 'github-token': '', ...inputs },
    });
  };

  it.each([
    ['an unknown key', fleet.replace('app: shop', 'app: shop\nhelth: {}'), {}, /helth.*health/s],
    ['a reversed range', fleet.replace('8001-8064', '8064-8001'), {}, /8064-8001/],
    ['a duplicated server', fleet.replace('web-1, web-2', 'web-1, web-1'), {}, /web-1/],
    ['a release id that climbs', fleet, { release: '../etc' }, /release/],
    ['a release id that is shell', fleet, { release: '$(reboot)' }, /release/],
    ['a key that is none', fleet, { 'ssh-key': 'garbage', 'known-hosts': 'web-1 ssh-ed25519 AAAA' }, /ssh-key|key/],
    ['no known hosts', fleet, {}, /known-hosts/],
    ['an empty source', fleet, { source: 'nowhere' }, /nowhere|known-hosts/],
  ])('%s', async (_case, text, inputs, words) => {
    const result = await run(text, inputs);
    expect(result.code).toBe(1);
    expect(result.outputs).toMatchObject({ result: 'failed' });
    expect(result.log).toMatch(words);
    expect(result.log).not.toMatch(/^\s+at /m);
  });

  it('several mistakes at once, each on a line with its place', async () => {
    const text = fleet.replace('app: shop', 'app: shop\nhelth: {}').replace('8001-8064', '8064-8001');
    const { log } = await run(text, { budget: 'soon' });
    expect(log).toMatch(/fleet\.yml:\d+:\d+.*helth/);
    expect(log).toMatch(/fleet\.yml:\d+:\d+.*8064-8001/);
    expect(log).toMatch(/budget/);
  });
});
