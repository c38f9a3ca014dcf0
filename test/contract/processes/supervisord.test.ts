import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Failure } from '../../../src/result.ts';
import { makeProcessManager } from '../../../src/servers/processes/manager.ts';
import type { ProcessManager } from '../../../src/servers/processes/port.ts';
import { localServer } from '../../support/local-server.ts';
import { type Rig, type RigOptions, startSupervisord } from '../../support/supervisord/rig.ts';
import { expectOk } from '../server.contract.ts';

async function start(options: RigOptions): Promise<{ rig: Rig; manager: ProcessManager }> {
  const rig = await startSupervisord(options);
  onTestFinished(() => rig.stop());
  const config = { manager: 'supervisord', program: 'sh{slot}', socket: rig.socket } as const;
  return { rig, manager: makeProcessManager(config, localServer('web-1')) };
}

/** How often each port changed its pid, by the kernel's account: every one must have, and must run. */
const renewed = (before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>) =>
  [...before].filter(([port, pid]) => after.has(port) && after.get(port) !== pid).length;

async function troubleOf(manager: ProcessManager): Promise<Failure> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const trouble = await manager.trouble('op');
    if (trouble) return trouble;
    if (Date.now() > deadline) throw new Error('no trouble was told');
    await delay(20);
  }
}

describe('supervisord', () => {
  it('restarts 64 processes again and again, and leaves none behind', async () => {
    const { rig, manager } = await start({ instances: 64, folder: 'ünïcode' });
    for (let round = 0; round < 5; round += 1) {
      const before = await rig.allPids();
      expect(expectOk(await manager.restart('op')).processes).toBe(64);
      expect(renewed(before, await rig.allPids())).toBe(64);
    }
    const seen = expectOk(await manager.status('op'));
    const pids = seen.map(({ pid }) => pid).sort();
    expect(pids).toEqual([...(await rig.pids()).values()].sort());
  });

  it('stops all, is content when all are, and starts from there', async () => {
    const { rig, manager } = await start({ instances: 8 });
    for (const _ of [1, 2]) expect(await manager.stop('op')).toEqual({ ok: true, value: undefined });
    expect((await rig.pids()).size).toBe(0);
    expect(expectOk(await manager.status('op')).map(({ state }) => state)).toEqual(Array(8).fill('stopped'));
    expect(await manager.trouble('op')).toBeUndefined();
    expect(await manager.restart('op')).toMatchObject({ ok: true, value: { processes: 8 } });
    expect((await rig.allPids()).size).toBe(8);
  });

  it('waits for processes that take their time to end', async () => {
    const { rig, manager } = await start({ instances: 8 });
    await rig.behave('stop-ms=300');
    expectOk(await manager.restart('op'));
    const before = await rig.allPids();
    expect(expectOk(await manager.restart('op')).stopMs).toBeGreaterThanOrEqual(300);
    expect(renewed(before, await rig.allPids())).toBe(8);
  });

  it('lets supervisord kill those that do not end', async () => {
    const { rig, manager } = await start({ instances: 4, program: ['stopwaitsecs=1'] });
    await rig.behave('deaf');
    expectOk(await manager.restart('op'));
    const before = await rig.allPids();
    expect(await manager.restart('op')).toMatchObject({ ok: true, value: { processes: 4 } });
    expect(renewed(before, await rig.allPids())).toBe(4);
  });

  it('shows the last words of a program that ends at its start', async () => {
    const { rig, manager } = await start({ instances: 4 });
    await rig.behave('crash-coloured');
    const restarted = await manager.restart('op');
    const failure = restarted.ok ? await troubleOf(manager) : restarted.failure;
    expect(failure.what).toMatch(/^\d of 4 processes of shop not running: Exited too quickly/);
    expect(failure.detail).toContain('cannot open the database');
    expect(failure.detail).not.toContain('\u001b');
  });

  it('sees such a program also when supervisord takes every start for a success', async () => {
    const { rig, manager } = await start({ instances: 2, program: ['startsecs=0', 'autorestart=false'] });
    await rig.behave('crash');
    const restarted = await manager.restart('op');
    const failure = restarted.ok ? await troubleOf(manager) : restarted.failure;
    expect(failure.detail).toContain('cannot open the database');
  });

  it('recovers a group that had failed for good', async () => {
    const { rig, manager } = await start({ instances: 2, program: ['startretries=0'] });
    await rig.behave('crash');
    await manager.restart('op');
    await troubleOf(manager);
    await rig.behave('release=new');
    expect(await manager.restart('op')).toMatchObject({ ok: true, value: { processes: 2 } });
    expect((await rig.allPids()).size).toBe(2);
  });

  it('says which program is not there', async () => {
    const { rig, manager } = await start({ instances: 2, autostart: false });
    await rm(`${rig.folder}/instance`);
    const restarted = await manager.restart('op');
    expect(restarted).toMatchObject({
      ok: false,
      failure: { what: `2 of 2 processes of shop not running: can't find command '${rig.folder}/instance'` },
    });
  });

  it('names the groups that there are, where the wanted one is not', async () => {
    const { manager } = await start({ instances: 1, autostart: false });
    for (const action of ['status', 'restart', 'stop'] as const) {
      expect(await manager[action]('elf')).toMatchObject({
        ok: false,
        failure: { what: 'supervisord has no group shelf', where: 'web-1', detail: 'it has: shop' },
      });
    }
  });
});
