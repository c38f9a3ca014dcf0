import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/result.ts';
import type { Group, SupervisorState } from '../../../src/servers/processes/group.ts';
import { restartGroup, stopGroup } from '../../../src/servers/processes/restart.ts';
import { hastyClock } from '../../support/fake-clock.ts';

interface Simulated {
  state: SupervisorState;
  pid: number;
  /** Looks at the process until its stop has ended. */
  stopping: number;
}

interface Behaviour {
  readonly processes?: number;
  readonly start?: (process: Simulated, attempt: number) => void;
  readonly stop?: (process: Simulated, attempt: number) => void;
  readonly log?: string;
}

const spawned = (process: Simulated, state: SupervisorState = 'STARTING') => {
  process.state = state;
  process.pid = state === 'STARTING' ? nextPid++ : 0;
};
let nextPid = 1000;

/** supervisord in memory: what it says about a process changes only when it is asked. */
function simulate({ processes = 4, log = '', ...behaviour }: Behaviour = {}) {
  const calls: string[] = [];
  const all = Array.from({ length: processes }, (): Simulated => ({ state: 'RUNNING', pid: nextPid++, stopping: 0 }));
  const attempts = { start: 0, stop: 0 };
  const look = (process: Simulated) => {
    if (process.state === 'STOPPING' && --process.stopping <= 0) Object.assign(process, { state: 'STOPPED', pid: 0 });
  };
  const seen = (process: Simulated, index: number) => ({
    name: `p${index}`,
    state: process.state,
    pid: process.pid,
    words: process.state === 'BACKOFF' ? 'Exited too quickly' : '',
  });
  const group: Group = {
    name: 'shop',
    server: 'web-1',
    async look() {
      calls.push('look');
      all.forEach(look);
      return ok(all.map(seen));
    },
    async lookAt(name) {
      calls.push(`lookAt ${name}`);
      const [process, index] = [all[Number(name.slice(1))], Number(name.slice(1))];
      if (!process) throw new Error(`no process ${name}`);
      look(process);
      return ok(seen(process, index));
    },
    async stop() {
      calls.push('stop');
      attempts.stop += 1;
      for (const process of all) {
        if (process.state === 'STOPPED' || process.state === 'STOPPING') continue;
        Object.assign(process, { state: 'STOPPING', stopping: 3 });
        behaviour.stop?.(process, attempts.stop);
      }
      return ok(undefined);
    },
    async start() {
      calls.push('start');
      attempts.start += 1;
      for (const process of all) {
        if (process.state === 'STARTING' || process.state === 'RUNNING' || process.state === 'BACKOFF') continue;
        if (process.state === 'STOPPING') throw new Error('started before the stop had ended');
        spawned(process);
        behaviour.start?.(process, attempts.start);
      }
      return ok(new Map());
    },
    log: async () => log,
    close: () => {},
  };
  return { group, calls, all };
}

describe('restartGroup', () => {
  it('starts only when all have stopped, and ends with new pids', async () => {
    const { group, all } = simulate();
    const old = new Set(all.map(({ pid }) => pid));
    const restarted = await restartGroup(group, hastyClock());
    expect(restarted).toMatchObject({ ok: true, value: { processes: 4 } });
    expect(all.filter(({ state, pid }) => state === 'STARTING' && !old.has(pid))).toHaveLength(4);
  });

  it('starts again what a start left stopped although it was answered OK', async () => {
    const { group, calls } = simulate({
      start: (process, attempt) => {
        if (attempt === 1 && process.pid % 2 === 0) Object.assign(process, { state: 'STOPPED', pid: 0 });
      },
    });
    expect(await restartGroup(group, hastyClock())).toMatchObject({ ok: true });
    expect(calls.filter((call) => call === 'start')).toHaveLength(2);
  });

  it('fails with supervisord’s reason and the last words of the process', async () => {
    const { group } = simulate({ start: (process) => spawned(process, 'BACKOFF'), log: 'a\n\u001b[31mno database\n' });
    expect(await restartGroup(group, hastyClock())).toEqual({
      ok: false,
      failure: {
        what: '4 of 4 processes of shop not running: Exited too quickly',
        where: 'web-1',
        detail: [0, 1, 2, 3]
          .map((index) => `p${index}: BACKOFF, Exited too quickly`)
          .concat('last words of p0:', '  a', '  no database')
          .join('\n'),
      },
    });
  });

  it('gives up on processes that never come up', async () => {
    const { group } = simulate({ start: (process) => Object.assign(process, { state: 'STOPPED', pid: 0 }) });
    expect(await restartGroup(group, hastyClock())).toMatchObject({
      ok: false,
      failure: { what: '4 of 4 processes of shop not running: stopped' },
    });
  });
});

describe('stopGroup', () => {
  it('stops again what was started anew meanwhile', async () => {
    const { group, all, calls } = simulate({
      stop: (process, attempt) => {
        if (attempt === 1 && process === all[1]) spawned(process);
      },
    });
    expect(await stopGroup(group, hastyClock())).toEqual({ ok: true, value: undefined });
    expect(all.map(({ state }) => state)).toEqual(['STOPPED', 'STOPPED', 'STOPPED', 'STOPPED']);
    expect(calls.filter((call) => call === 'stop')).toHaveLength(2);
  });

  it('names what does not stop', async () => {
    const { group } = simulate({ processes: 2, stop: (process) => Object.assign(process, { stopping: Infinity }) });
    const stopped = await stopGroup(group, hastyClock());
    expect(stopped).toMatchObject({
      ok: false,
      failure: { what: '2 of the processes of shop did not stop within 60 s' },
    });
  });

  it('asks about one process while it waits, not about all', async () => {
    const { group, calls } = simulate({ processes: 64, stop: (process) => Object.assign(process, { stopping: 200 }) });
    await stopGroup(group, hastyClock());
    expect(calls.filter((call) => call === 'look').length).toBeLessThan(100);
    expect(calls.filter((call) => call.startsWith('lookAt')).length).toBeGreaterThan(100);
  });
});
