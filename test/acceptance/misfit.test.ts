import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, type Scene, unharmed } from './stage.ts';

/** A fleet file that reads well but does not fit the fleet: noticed before anything is touched, one line per thing. */
describe('a fleet file that does not fit', () => {
  let scene: Scene;
  let text: string;
  beforeAll(async () => {
    scene = await openScene({ strategy: 'blue-green', by: 'pointer', servers: 2 });
    text = await readFile(scene.lab.fleetFile, 'utf8');
    const first = await scene.quietly(await scene.release('1'));
    expect(first.outputs['result'], first.log).toBe('flipped');
  });
  afterAll(() => scene?.close());

  it.each([
    ['a backend that is not there', 'shop-green', 'shop-gone', /shop-gone/],
    ['members that are not there', '{server}-{port}', '{server}.{port}', /web-1\.9001/],
    ['a socket where nobody listens', 'admin.sock', 'other.sock', /other\.sock/],
    ['a map that HAProxy does not have', 'live.map', 'dead.map', /dead\.map/],
    ['a supervisord that is not there', /supervisor\.sock|supervisord\.conf/g, 'nobody', /hosts\/web-1\/nobody/],
    ['a group that supervisord does not have', 'shop-{slot}', 'shap-{slot}', /shap-green/],
    ['a server that cannot be reached', 'name: web-2', 'name: web-2\n    port: 1', /web-2.*no SSH connection/s],
  ])('names %s', async (_case, right, wrong, words) => {
    const fleet = join(scene.lab.dir, 'misfit.yml');
    await writeFile(fleet, text.replaceAll(right, wrong));
    const { result, users } = await scene.watched(await scene.release('2'), { inputs: { fleet } });
    expect(result.code, result.log).toBe(1);
    expect(result.outputs).toMatchObject({ result: 'failed', 'flip-ms': '' });
    expect(result.log).toMatch(words);
    expect(users).toMatchObject(unharmed);
    expect(users.firstNewAt).toBeUndefined();
  });
});
