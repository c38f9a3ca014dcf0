import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type GitHub } from '../../src/github/client.ts';
import { stickyComment } from '../../src/github/comment.ts';
import { findDeployment, postStatus, stateOf } from '../../src/github/deployment.ts';
import { findPullRequest } from '../../src/github/pull-request.ts';
import { commit, contextFor } from './fixtures/context.ts';
import { type GitHubServer, startGitHub } from './server/server.ts';
import type { Deployment } from './server/state.ts';

let github: GitHubServer;
let client: GitHub;
const { signal } = new AbortController();
beforeEach(async () => {
  github = await startGitHub();
  client = createClient({ token: 't', apiUrl: github.url, signal });
});
afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

describe('the pull request', () => {
  const find = (change = {}) => findPullRequest(client, contextFor(github.url, change));

  it('is the one of the event, without asking', async () => {
    expect(await find({ pullRequest: 17 })).toEqual({ ok: true, value: 17 });
    expect(github.seen).toEqual([]);
  });

  it('is the merged one that became this commit, before open ones that have it', async () => {
    github.state.pulls.set(commit, [
      { number: 1, state: 'open', headSha: commit },
      { number: 2, state: 'closed', headSha: 'x', mergeSha: commit, mergedAt: '2026-11-20T09:00:00Z' },
    ]);
    expect(await find()).toEqual({ ok: true, value: 2 });
  });

  it('is the open one with this head', async () => {
    github.state.pulls.set(commit, [
      { number: 1, state: 'open', headSha: 'other' },
      { number: 3, state: 'open', headSha: commit },
    ]);
    expect(await find()).toEqual({ ok: true, value: 3 });
  });

  it('is none where no one has the commit, or the commit is not known', async () => {
    expect(await find()).toEqual({ ok: true, value: undefined });
    github.trouble({ fault: { kind: 'status', status: 409 } });
    expect(await find()).toMatchObject({ ok: true, value: undefined });
  });
});

describe('the comment', () => {
  const marker = '<!-- fleetflip:production -->';
  const sticky = () => stickyComment({ client, repository: contextFor(github.url).repository, pullRequest: 7, marker });
  const add = (login: string, body: string, issue = 7) => {
    const id = github.state.nextId();
    github.state.comments.push({ id, issue, login, body, edits: 0 });
    return id;
  };

  it('of an earlier run is used again, also behind a hundred others', async () => {
    for (let other = 0; other < 120; other += 1) add('octocat', `talk ${other}`);
    const id = add('github-actions[bot]', `${marker}\nold`);
    expect(await sticky().put(`${marker}\nnew`)).toEqual({ ok: true, value: id });
    expect(github.state.comments.find((comment) => comment.id === id)?.body).toBe(`${marker}\nnew`);
  });

  it('of a person who quotes the marker is left alone', async () => {
    add('octocat', `${marker}\nlook at this`);
    add('github-actions[bot]', `quoting ${marker}`);
    await sticky().put(`${marker}\nnew`);
    expect(github.state.comments.map(({ edits }) => edits)).toEqual([0, 0, 0]);
  });

  it('is created anew, once, when somebody removed it', async () => {
    const comment = sticky();
    await comment.put(`${marker}\n1`);
    github.state.comments.length = 0;
    expect(await comment.put(`${marker}\n2`)).toMatchObject({ ok: false, problem: { kind: 'missing' } });
    expect(await comment.put(`${marker}\n3`)).toMatchObject({ ok: true });
    expect(github.state.comments.map(({ body }) => body)).toEqual([`${marker}\n3`]);
  });

  it('is not created twice when its creation was not answered', async () => {
    github.trouble({ fault: { kind: 'after', status: 502 }, operations: ['issues/create-comment'], times: 1 });
    const comment = sticky();
    expect(await comment.put(`${marker}\n1`)).toMatchObject({ ok: false, problem: { kind: 'unreachable' } });
    expect(await comment.put(`${marker}\n2`)).toMatchObject({ ok: true });
    expect(github.state.comments.map(({ body }) => body)).toEqual([`${marker}\n2`]);
  });
});

describe('a comment under a person’s own token', () => {
  it('counts only under the name of that person', async () => {
    await github.close();
    github = await startGitHub({ login: 'deployer' });
    client = createClient({ token: 't', apiUrl: github.url, signal });
    github.state.comments.push({ id: 1, issue: 7, login: 'some[bot]', body: 'm', edits: 0 });
    github.state.comments.push({ id: 2, issue: 7, login: 'deployer', body: 'm', edits: 0 });
    const { repository } = contextFor(github.url);
    expect(await stickyComment({ client, repository, pullRequest: 7, marker: 'm' }).put('m2')).toEqual({
      ok: true,
      value: 2,
    });
  });
});

describe('the deployment', () => {
  const add = (change: Partial<Deployment> = {}) => {
    const deployment = {
      id: github.state.nextId(),
      ref: commit,
      environment: 'production',
      login: 'github-actions[bot]',
      payload: {},
      statuses: [],
      ...change,
    };
    github.state.deployments.push(deployment);
    return deployment.id;
  };
  const find = (environment?: string, checkRunId?: number) =>
    findDeployment(client, contextFor(github.url, checkRunId === undefined ? {} : { checkRunId }), environment);

  it('is the one that GitHub made for the job', async () => {
    const id = add();
    github.state.checkRuns.set(5, id);
    expect(await find('production', 5)).toEqual({ ok: true, value: { id, own: false } });
  });

  it('is our own where the job has none and an environment is named', async () => {
    add();
    github.state.checkRuns.set(5, undefined);
    const found = await find('production', 5);
    expect(found).toMatchObject({ ok: true, value: { own: true } });
    expect(github.state.deployments).toHaveLength(2);
    expect(await find('production', 5)).toEqual(found);
    expect(github.state.deployments).toHaveLength(2);
  });

  it('is GitHub’s newest for the commit where the check run may not be read', async () => {
    add();
    const newest = add();
    add({ login: 'octocat' });
    expect(await find('production')).toEqual({ ok: true, value: { id: newest, own: false } });
  });

  it('is none without an environment', async () => expect(await find()).toEqual({ ok: true, value: undefined }));

  it('takes a status with any description', async () => {
    const deployment = { id: add(), own: true };
    const change = { deployment, state: 'in_progress', description: '😀'.repeat(200), url: 'not an address' } as const;
    expect(await postStatus(client, contextFor(github.url), change)).toMatchObject({ ok: true });
    expect(github.state.deployments[0]?.statuses[0]).toMatchObject({
      environmentUrl: '',
      logUrl: contextFor('').runUrl,
    });
  });

  it('that GitHub made is never called a success by us, but a failure is', () => {
    expect(stateOf('flipped', true)).toBe('success');
    expect(stateOf('flipped', false)).toBe('in_progress');
    expect(stateOf('rolled-back', false)).toBe('failure');
    expect(stateOf(undefined, true)).toBe('in_progress');
  });
});
