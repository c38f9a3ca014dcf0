import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type GitHubServer, startGitHub } from './server/server.ts';

let github: GitHubServer;
beforeEach(async () => {
  github = await startGitHub();
});
afterEach(() => github.close());

const ask = (method: string, path: string, body?: object) =>
  fetch(`${github.url}/repos/acme/shop${path}`, {
    method,
    headers: { authorization: 'token t', 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });

describe('the stand-in for GitHub', () => {
  it('answers as GitHub describes it', async () => {
    expect((await ask('POST', '/issues/7/comments', { body: 'hello' })).status).toBe(201);
    expect((await ask('GET', '/issues/7/comments?per_page=100')).status).toBe(200);
    const deployment = await ask('POST', '/deployments', { ref: 'main', auto_merge: false, required_contexts: [] });
    const { id } = z.object({ id: z.number() }).parse(await deployment.json());
    expect((await ask('POST', `/deployments/${id}/statuses`, { state: 'in_progress' })).status).toBe(201);
    github.state.checkRuns.set(5, id);
    expect(await (await ask('GET', '/check-runs/5')).json()).toMatchObject({ deployment: { id } });
    github.state.pulls.set('abc', [{ number: 3, state: 'open', headSha: 'abc' }]);
    expect(await (await ask('GET', '/commits/abc/pulls')).json()).toMatchObject([{ number: 3 }]);
    expect(github.violations).toEqual([]);
  });

  it.each([
    ['POST', '/issues/7/comments', { text: 'wrong field' }],
    ['POST', '/deployments/1/statuses', { state: 'finished' }],
    ['POST', '/deployments', { ref: 'main', autoMerge: false }],
    ['GET', '/issues/7/comments?pageSize=3', undefined],
    ['DELETE', '/deployments/1', undefined],
  ])('notices that %s %s %j is not a request of GitHub’s API', async (method, path, body) => {
    expect((await ask(method, path, body)).ok).toBe(false);
    expect(github.violations).not.toEqual([]);
  });

  it('refuses like GitHub: long bodies, long descriptions, merges, running checks, no token', async () => {
    expect((await ask('POST', '/issues/7/comments', { body: 'x'.repeat(65_537) })).status).toBe(422);
    expect((await ask('POST', '/deployments', { ref: 'main' })).status).toBe(202);
    expect((await ask('POST', '/deployments', { ref: 'main', auto_merge: false })).status).toBe(409);
    expect((await fetch(`${github.url}/repos/acme/shop/deployments`)).status).toBe(401);
  });

  it('has the troubles that it was told to have, as often as it was told', async () => {
    github.trouble({ fault: { kind: 'after', status: 502 }, operations: ['issues/create-comment'], times: 1 });
    expect((await ask('POST', '/issues/7/comments', { body: 'a' })).status).toBe(502);
    expect(github.state.comments).toHaveLength(1);
    expect((await ask('POST', '/issues/7/comments', { body: 'b' })).status).toBe(201);
    const end = github.trouble({ fault: { kind: 'hang-up' } });
    await expect(ask('GET', '/deployments')).rejects.toThrow();
    end();
    expect((await ask('GET', '/deployments')).status).toBe(200);
  });
});
