import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { type Access, dial, runnerAccess } from '../../src/balancers/access.ts';
import { fail, ok, type Result } from '../../src/result.ts';

const target = { path: '/run/admin.sock' };
const withForward = (forward: Access['forward']): Access => ({ ...runnerAccess, forward });

it('hands on a connection, or why there is none', async () => {
  const stream = new PassThrough();
  expect(
    await dial(
      withForward(async () => ok(stream)),
      target,
      1_000,
    ),
  ).toEqual(ok(stream));
  const refused = fail({ what: 'refused' });
  expect(
    await dial(
      withForward(async () => refused),
      target,
      1_000,
    ),
  ).toEqual(refused);
});

it('does not wait longer than it may, and closes what comes too late', async () => {
  const stream = new PassThrough();
  let connected: (result: Result<PassThrough>) => void = () => {};
  const access = withForward(
    () =>
      new Promise((resolve) => {
        connected = resolve;
      }),
  );
  expect(await dial(access, target, 10)).toEqual(fail({ what: 'no connection within 0.01 s' }));
  expect(stream.destroyed).toBe(false);
  connected(ok(stream));
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream.destroyed).toBe(true);
});
