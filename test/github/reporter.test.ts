import { describe, expect, it, type TestContext, vi } from 'vitest';
import { createClient } from '../../src/github/client.ts';
import { createGitHubReporter, type GitHubReporterOptions } from '../../src/github/reporter.ts';
import { readSavedReport, type SavedReport, settleFromState } from '../../src/github/state.ts';
import { courses } from '../report/fixtures/courses.ts';
import { contextFor } from './fixtures/context.ts';
import { type Fault, type GitHubServer, startGitHub } from './server/server.ts';

interface Told {
  readonly notices: string[];
  saved: SavedReport | undefined;
}

function reporterFor(github: GitHubServer, change: Partial<GitHubReporterOptions> = {}) {
  const told: Told = { notices: [], saved: undefined };
  const reporter = createGitHubReporter({
    context: contextFor(github.url, { pullRequest: 7 }),
    token: 't',
    setting: { environment: 'production', budgetMs: 5_000 },
    environment: 'production',
    redact: (text) => text,
    notice: (line) => told.notices.push(line),
    save: (saved) => {
      told.saved = saved;
    },
    everyMs: 20,
    ...change,
  });
  return { reporter, told };
}

/** A GitHub for one test, which must not see a wrong request in it. */
async function stage({ onTestFinished }: TestContext) {
  const github = await startGitHub();
  onTestFinished(async () => {
    await github.close();
    expect(github.violations).toEqual([]);
  });
  return {
    github,
    headline: () => github.state.comments[0]?.body.split('\n')[2],
    lastStatus: () => github.state.deployments[0]?.statuses.at(-1),
    async run(course: string, settleMs = 20_000, change: Partial<GitHubReporterOptions> = {}): Promise<Told> {
      const { reporter, told } = reporterFor(github, change);
      for (const event of courses[course]?.() ?? []) reporter.report(event);
      await reporter.settle(settleMs);
      return told;
    },
  };
}

describe.concurrent('the report to GitHub', () => {
  it('ends in the pull request and in the deployment', async (context) => {
    const { headline, lastStatus, run } = await stage(context);
    const { notices, saved } = await run('flipped');
    expect(headline()).toBe('### ✅ production: 8c41f0e is live on all 256 instances');
    expect(lastStatus()).toMatchObject({ state: 'success', description: '8c41f0e is live on all 256 instances' });
    expect(saved).toMatchObject({ comment: { final: true }, deployment: { own: true, final: true } });
    expect(notices).toEqual([]);
  });

  it('shows what is going on in between', async (context) => {
    const { github, headline, lastStatus } = await stage(context);
    const { reporter } = reporterFor(github);
    for (const event of courses['running']?.() ?? []) reporter.report(event);
    await vi.waitFor(
      () => expect(lastStatus()?.description).toBe('Flipping · step 6/9 · 1/2 servers · restart web-3, web-4'),
      5_000,
    );
    expect(lastStatus()?.state).toBe('in_progress');
    await reporter.settle(5_000);
    expect(headline()).toBe('### ⚡ production: flipping to `8c41f0e`');
  });

  it('is one comment for one run and the next', async (context) => {
    const { github, run } = await stage(context);
    await run('rolledBack');
    await run('flipped');
    expect(github.state.comments).toHaveLength(1);
  });

  it('carries no secret', async (context) => {
    const { github, headline, run } = await stage(context);
    await run('rolledBack', 10_000, { redact: (text) => text.replaceAll('orjson', '***') });
    expect(JSON.stringify(github.seen)).not.toContain('orjson');
    expect(headline()).toContain('↩️');
  });

  it('goes to no pull request where none is wanted', async (context) => {
    const { github, run } = await stage(context);
    expect((await run('flipped', 10_000, { pullRequest: 'none' })).notices).toEqual([]);
    expect(github.state.comments).toEqual([]);
  });

  it('is not replaced by a look at the fleet', async (context) => {
    const { github, headline, run } = await stage(context);
    await run('flipped');
    const before = github.seen.length;
    const { reporter } = reporterFor(github);
    const [start, ...others] = courses['flipped']?.() ?? [];
    const end = others.at(-1);
    if (start?.type === 'started' && end?.type === 'finished') {
      reporter.report({ ...start, command: 'status' });
      reporter.report({ ...end, conclusion: { ...end.conclusion, result: 'unchanged', headline: 'r1 is live' } });
    }
    await reporter.settle(5_000);
    expect(headline()).toContain('8c41f0e is live');
    expect(github.seen).toHaveLength(before);
  });

  it('says once that there is no pull request, or no token', async (context) => {
    const { github, run } = await stage(context);
    expect((await run('flipped', 10_000, { context: contextFor(github.url) })).notices).toEqual([
      'No pull request belongs to this commit: the report is in the summary of the job.',
    ]);
    expect((await run('flipped', 10_000, { token: '' })).notices).toEqual([
      'No github-token: nothing is reported to pull request and deployment.',
    ]);
  });
});

describe.concurrent('when GitHub is in trouble, the report', () => {
  const forbidden: Fault = { kind: 'status', status: 403, message: 'Resource not accessible by integration' };
  const writes = ['issues/create-comment', 'repos/create-deployment'];

  it.for([forbidden, { kind: 'status', status: 404 } as const])(
    'names the missing permissions once: %j',
    async (fault, context) => {
      const { github, run } = await stage(context);
      github.trouble({ fault, operations: writes });
      const { notices } = await run('flipped');
      expect(notices).toHaveLength(2);
      expect(notices.join('\n')).toMatch(
        /deployments: write[\s\S]*pull-requests: write|pull-requests: write[\s\S]*deployments: write/,
      );
      expect(github.seen.filter(({ operation }) => operation === 'issues/create-comment')).toHaveLength(1);
    },
  );

  it('is shortened when it is refused as too long', async (context) => {
    const { github, headline, run } = await stage(context);
    const tooLong: Fault = { kind: 'status', status: 422, message: 'Body is too long (maximum is 65536 characters)' };
    github.trouble({ fault: tooLong, operations: ['issues/create-comment'], times: 1 });
    const { notices } = await run('flipped');
    expect(notices).toEqual([]);
    expect(github.state.comments[0]?.body.length).toBeLessThanOrEqual(4_000);
    expect(headline()).toContain('8c41f0e is live');
  });

  it.for([
    [429, {}] as const,
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000)) }] as const,
  ])('waits as long as a limit asks for (%d)', async ([status, headers], context) => {
    const { github, headline, run } = await stage(context);
    github.trouble({
      fault: {
        kind: 'status',
        status,
        message: 'You have exceeded a secondary rate limit',
        headers: { ...headers, 'retry-after': '1' },
      },
      operations: ['issues/create-comment'],
      times: 1,
    });
    expect((await run('flipped')).notices).toEqual([]);
    expect(headline()).toContain('8c41f0e is live');
  });

  it('is given up at once when a limit is longer than the run may last', async (context) => {
    const { github, run } = await stage(context);
    const limit: Fault = { kind: 'status', status: 429, headers: { 'retry-after': '3600' } };
    github.trouble({ fault: limit });
    const { notices, saved } = await run('flipped', 600_000);
    expect(notices).toHaveLength(2);
    expect(saved).toEqual({ environment: 'production', ending: expect.objectContaining({ result: 'flipped' }) });
  });

  it.for([{ kind: 'status', status: 503 } as const, { kind: 'hang-up' } as const, { kind: 'slow', ms: 300 } as const])(
    'arrives after all: %j',
    async (fault, context) => {
      const { github, headline, lastStatus, run } = await stage(context);
      github.trouble({ fault, operations: [...writes, 'repos/create-deployment-status'], times: 2 });
      expect((await run('flipped', 20_000)).notices).toEqual([]);
      expect(headline()).toContain('8c41f0e is live');
      expect(lastStatus()?.state).toBe('success');
    },
  );

  it('is one comment although its creation was not answered', async (context) => {
    const { github, headline, run } = await stage(context);
    github.trouble({ fault: { kind: 'after', status: 502 }, operations: writes, times: 2 });
    await run('flipped', 20_000);
    expect(github.state.comments).toHaveLength(1);
    expect(github.state.deployments).toHaveLength(1);
    expect(headline()).toContain('8c41f0e is live');
  });

  it('ends in time when nothing is answered', async (context) => {
    const { github, run } = await stage(context);
    github.trouble({ fault: { kind: 'no-answer' } });
    expect((await run('flipped', 300)).notices).toHaveLength(2);
  });
});

describe.concurrent('after main died, post', () => {
  const clientOf = ({ url }: GitHubServer) =>
    createClient({ token: 't', apiUrl: url, signal: new AbortController().signal });

  async function died(github: GitHubServer): Promise<SavedReport> {
    const { reporter, told } = reporterFor(github);
    for (const event of courses['running']?.() ?? []) reporter.report(event);
    await vi.waitFor(() => expect(told.saved).toMatchObject({ comment: {}, deployment: {} }), 5_000);
    await reporter.settle(5_000);
    const saved = readSavedReport(JSON.stringify(told.saved));
    if (saved === undefined) throw new Error('nothing was saved');
    return saved;
  }

  it('puts a true end under what was left open', async (context) => {
    const { github, headline, lastStatus } = await stage(context);
    const saved = await died(github);
    expect(await settleFromState({ client: clientOf(github), context: contextFor(github.url), saved })).toEqual([]);
    expect(headline()).toBe('### 🛑 production: the run ended before it could say what is live');
    expect(lastStatus()).toMatchObject({ state: 'error' });
  });

  it('says what it found out itself', async (context) => {
    const { github, headline, lastStatus } = await stage(context);
    const saved = await died(github);
    const found = { result: 'rolled-back', headline: 'all instances are on 91ac0de again' } as const;
    await settleFromState({ client: clientOf(github), context: contextFor(github.url), saved, found });
    expect(headline()).toBe('### ↩️ production: all instances are on 91ac0de again');
    expect(lastStatus()).toMatchObject({ state: 'failure', description: found.headline });
  });

  it('touches nothing that has its last word', async (context) => {
    const { github, run } = await stage(context);
    const { saved } = await run('flipped');
    const before = github.seen.length;
    await settleFromState({
      client: clientOf(github),
      context: contextFor(github.url),
      saved: saved ?? { environment: '' },
    });
    expect(github.seen).toHaveLength(before);
  });

  it('reads nothing from what is no report', () => {
    expect(readSavedReport('')).toBeUndefined();
    expect(readSavedReport('{"comment":{"id":"x"}}')).toBeUndefined();
  });
});
