import { describe, expect, it } from 'vitest';
import { readRefusals, readStatus } from '../../../src/servers/processes/supervisorctl-group.ts';

const output = `\
cron                             RUNNING   pid 12, uptime 3 days, 1:02:03
shop-blue:8001                   RUNNING   pid 4711, uptime 0:00:05
shop-blue:8002                   STARTING
shop-blue:8003                   BACKOFF   Exited too quickly (process log may have details)
shop-blue:8004                   STOPPED   Nov 22 08:02 PM
shop-green:9001                  FATAL     can't find command '/srv/x'
`;

describe('supervisorctl', () => {
  it('tells the processes of one group', () => {
    expect(readStatus(output, 'shop-blue', 'web-1')).toEqual({
      ok: true,
      value: [
        { name: '8001', state: 'RUNNING', pid: 4711, words: 'pid 4711, uptime 0:00:05' },
        { name: '8002', state: 'STARTING', pid: 0, words: '' },
        { name: '8003', state: 'BACKOFF', pid: 0, words: 'Exited too quickly (process log may have details)' },
        { name: '8004', state: 'STOPPED', pid: 0, words: 'Nov 22 08:02 PM' },
      ],
    });
  });

  it('knows a program that is its own group', () => {
    expect(readStatus(output, 'cron', 'web-1')).toMatchObject({ ok: true, value: [{ name: 'cron', pid: 12 }] });
  });

  it.each([
    ['shop: ERROR (no such group)\n', 'supervisord has no group shop'],
    ['unix:///run/supervisor.sock no such file\n', 'supervisorctl answered no status of shop'],
  ])('makes a failure of %j', (text, what) => {
    const read = readStatus(text, 'shop', 'web-1');
    expect(read).toMatchObject({ ok: false, failure: { where: 'web-1', what: expect.stringContaining(what) } });
  });

  it('collects what could not be started, and only that', () => {
    const started = `shop:8001: started\nshop:8002: ERROR (no such file)\nshop:8003: ERROR (already started)\ncron: ERROR (spawn error)\n`;
    expect([...readRefusals(started)]).toEqual([
      ['8002', 'no such file'],
      ['cron', 'spawn error'],
    ]);
  });
});
