import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, type GitHubServer, startGitHub } from '../github/server/server.ts';
import { commit, openScene, type Scene, unharmed } from './stage.ts';

describe('what a deploy tells GitHub', () => {
  let scene: Scene;
  let github: GitHubServer;
  beforeAll(async () => {
    scene = await openScene({ strategy: 'swap' });
    github = await startGitHub();
    const { state } = github;
    const sha = commit('2');
    const deployment = {
      id: state.nextId(),
      ref: sha,
      environment: 'production',
      login: 'github-actions[bot]',
      payload: {},
    };
    state.deployments.push({ ...deployment, statuses: [] });
    state.checkRuns.set(2002, deployment.id);
    state.pulls.set(sha, [
      { number: 42, state: 'closed', headSha: sha, mergeSha: sha, mergedAt: '2026-01-01T00:00:00Z' },
    ]);
    await scene.quietly(await scene.release('1'));
  });
  afterAll(async () => {
    await github?.close();
    await scene?.close();
  });

  it('is one comment, statuses on the job’s own deployment, a summary, outputs and a timeline, all of the same run', async () => {
    const next = await scene.release('2');
    const result = await scene.quietly(next, {
      inputs: {
        'github-token': 'local-token',
        environment: 'production',
        url: 'https://shop.example.com',
        'check-run-id': '2002',
      },
      github: { apiUrl: github.url, sha: next.id },
    });
    expect(result.code, result.log).toBe(0);
    expect(github.violations).toEqual([]);
    const [comment, ...others] = github.state.comments;
    expect(others).toEqual([]);
    expect(comment?.body).toContain('is live on all 32 instances');
    expect(comment?.body).toContain('```mermaid');
    const statuses = github.state.deployments[0]?.statuses ?? [];
    expect(statuses.length).toBeGreaterThan(0);
    expect(statuses.map((status) => status.state)).not.toContain('success');
    expect(result.summary).toContain('is live on all 32 instances');
    expect(result.outputs['url']).toBe('https://shop.example.com');
  });

  const faults: readonly (readonly [string, Fault])[] = [
    ['403', { kind: 'status', status: 403 }],
    ['404', { kind: 'status', status: 404 }],
    ['422', { kind: 'status', status: 422 }],
    ['429', { kind: 'status', status: 429, headers: { 'retry-after': '60' } }],
    ['503', { kind: 'status', status: 503 }],
    ['nothing', { kind: 'no-answer' }],
  ];
  it.each(faults)('leaves the deploy alone when GitHub says %s', async (name, fault) => {
    const sick = await startGitHub();
    sick.trouble({ fault });
    const next = await scene.release('3456789'[faults.findIndex(([each]) => each === name)] ?? 'a');
    const { result, users } = await scene.watched(next, {
      github: { apiUrl: sick.url },
      inputs: { 'github-token': 'local-token', 'pull-request': '42' },
    });
    await sick.close();
    expect(sick.seen.length).toBeGreaterThan(0);
    expect(result.code, result.log).toBe(0);
    expect(result.outputs['result']).toBe('flipped');
    expect(users).toMatchObject(unharmed);
  });

  it('keeps no secret: not in the log, the comment, the summary or the timeline', async () => {
    const result = await scene.quietly(await scene.release('b'), {
      github: { apiUrl: github.url },
      inputs: { 'github-token': 'canary-token-7f3a' },
    });
    const timeline = result.outputs['timeline'] ?? '';
    const texts = [result.log, result.summary, ...github.state.comments.map((comment) => comment.body)];
    const line = scene.lab.ssh.privateKey.split('\n')[2] ?? 'no key';
    for (const text of [...texts, await readFile(timeline, 'utf8').catch(() => '')]) {
      expect(text).not.toContain('canary-token-7f3a');
      expect(text).not.toContain(line);
    }
    expect(result.masks.join('\n')).toContain('canary-token-7f3a');
  });
});
