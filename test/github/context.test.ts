import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContext, refusal } from '../../src/github/context.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetflip-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function contextOf(event: string, payload: object, more: Record<string, string> = {}) {
  const path = join(folder, `${event}-${Math.random()}.json`);
  await writeFile(path, JSON.stringify(payload));
  const read = await readContext({
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: path,
    GITHUB_SHA: 'merge',
    GITHUB_RUN_ID: '193',
    ...more,
  });
  if (!read.ok) throw new Error(read.failure.what);
  return read.value;
}

const pull = (from: string | null) => ({
  pull_request: { number: 17, head: { sha: 'head', repo: from === null ? null : { full_name: from } } },
});

describe('the context', () => {
  it.each([
    ['push', {}, { sha: 'merge' }],
    ['schedule', { schedule: '0 4 * * *' }, { sha: 'merge' }],
    ['workflow_dispatch', { inputs: null }, { sha: 'merge' }],
    ['pull_request', pull('acme/shop'), { sha: 'head', pullRequest: 17 }],
    [
      'merge_group',
      { merge_group: { head_ref: 'refs/heads/gh-readonly-queue/main/pr-23-abc123', head_sha: 'queued' } },
      { sha: 'queued', pullRequest: 23 },
    ],
    [
      'workflow_run',
      {
        workflow_run: { head_sha: 'ran', head_repository: { full_name: 'acme/shop' }, pull_requests: [{ number: 5 }] },
      },
      { sha: 'ran', pullRequest: 5 },
    ],
  ])('of %s names commit and pull request', async (event, payload, expected) => {
    const context = await contextOf(event, payload);
    expect(context).toMatchObject(expected);
    expect(refusal(context)).toBeUndefined();
  });

  it('honours a server and an API of one’s own, attempt and check run', async () => {
    const context = await contextOf(
      'push',
      {},
      {
        GITHUB_SERVER_URL: 'https://git.acme.test',
        GITHUB_API_URL: 'https://git.acme.test/api/v3',
        GITHUB_RUN_ATTEMPT: '2',
        'INPUT_CHECK-RUN-ID': '77',
      },
    );
    expect(context).toMatchObject({
      apiUrl: 'https://git.acme.test/api/v3',
      runUrl: 'https://git.acme.test/acme/shop/actions/runs/193',
      attempt: 2,
      checkRunId: 77,
    });
  });

  it('takes an empty check run id for none', async () => {
    expect(await contextOf('push', {}, { 'INPUT_CHECK-RUN-ID': '' })).not.toHaveProperty(
      'checkRunId',
      expect.anything(),
    );
  });

  it('is none outside of GitHub Actions', async () => {
    expect(await readContext({})).toMatchObject({ ok: false });
    const unreadable = { GITHUB_REPOSITORY: 'a/b', GITHUB_EVENT_NAME: 'push', GITHUB_SHA: 'x', GITHUB_RUN_ID: '1' };
    expect(await readContext({ ...unreadable, GITHUB_EVENT_PATH: join(folder, 'missing') })).toMatchObject({
      ok: false,
    });
  });
});

describe('a run is refused', () => {
  it.each([
    ['pull_request_target', pull('acme/shop'), /pull_request_target/],
    ['pull_request', pull('mallory/shop'), /mallory\/shop/],
    ['pull_request', pull(null), /deleted fork/],
    [
      'workflow_run',
      { workflow_run: { head_sha: 'x', head_repository: { full_name: 'mallory/shop' } } },
      /mallory\/shop/,
    ],
  ])('on %s of %j', async (event, payload, why) => {
    expect(refusal(await contextOf(event, payload))?.what).toMatch(why);
  });

  it('but not for the letter case of its name', async () => {
    expect(refusal(await contextOf('pull_request', pull('Acme/Shop')))).toBeUndefined();
  });
});
