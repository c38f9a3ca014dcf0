import { describe, expect, it } from 'vitest';
import { readInputs } from '../../src/inputs/inputs.ts';

const reading = (given: Readonly<Record<string, string>>) => readInputs((name) => given[name] ?? '');

const told = (given: Readonly<Record<string, string>>): string[] => {
  const result = reading(given);
  return result.ok
    ? []
    : result.failures.map(({ what, advice }) => (advice === undefined ? what : `${what} → ${advice}`));
};

describe('inputs', () => {
  it('that are empty are missing, and have defaults', () => {
    expect(reading({ release: 'v1' })).toEqual({
      ok: true,
      inputs: {
        command: 'deploy',
        fleet: '.github/fleetflip.yml',
        release: 'v1',
        dryRun: false,
        allowShrunken: false,
        to: 'previous',
        timeoutMs: 900_000,
      },
      secrets: [],
    });
  });

  it('are all read', () => {
    const given = {
      command: 'rollback',
      fleet: 'f.yml',
      release: 'v2',
      source: 'build/',
      'ssh-key': 'line one\nline two\n',
      'ssh-passphrase': ' pass ',
      'known-hosts': 'h ssh-ed25519 AAAA',
      strategy: 'swap',
      budget: '2s',
      environment: 'production',
      url: 'https://shop.example.com/',
      'pull-request': '17',
      'dry-run': 'True',
      'allow-shrunken': 'true',
      'expect-plan': 'ab'.repeat(32),
      to: 'v1',
      timeout: '1h',
      'github-token': 'ghs_x',
      'check-run-id': '41',
    };
    const result = reading(given);
    expect(result.ok && result.inputs).toEqual({
      command: 'rollback',
      fleet: 'f.yml',
      release: 'v2',
      source: 'build/',
      sshKey: 'line one\nline two\n',
      sshPassphrase: ' pass ',
      knownHosts: 'h ssh-ed25519 AAAA',
      strategy: 'swap',
      budgetMs: 2000,
      environment: 'production',
      url: 'https://shop.example.com/',
      pullRequest: 17,
      dryRun: true,
      allowShrunken: true,
      expectPlan: 'ab'.repeat(32),
      to: 'v1',
      timeoutMs: 3_600_000,
      githubToken: 'ghs_x',
      checkRunId: 41,
    });
    expect(result.secrets).toEqual(expect.arrayContaining(['line one', 'line two', ' pass ', 'pass', 'ghs_x']));
    expect(result.secrets).not.toContain('h ssh-ed25519 AAAA');
  });

  it('are refused all at once, by the names that they have in the workflow', () => {
    const given = {
      command: 'deplyo',
      release: '../x',
      strategy: 'canary',
      budget: '5',
      url: 'shop',
      'pull-request': '#1',
      'dry-run': 'yes',
      'allow-shrunken': 'true',
      'expect-plan': 'abc',
      to: 'a b',
      timeout: '0s',
    };
    expect(told(given)).toEqual([
      'command: must be one of deploy, plan, rollback, status, not "deplyo" → did you mean "deploy"?',
      'release: must be a release id: letters, digits, ".", "_" and "-", at most 128, no "..", not "../x"',
      'strategy: must be one of blue-green, swap, not "canary"',
      'budget: must be a duration such as 500ms, 30s, 10m or 1h, not "5"',
      'url: must be an http:// or https:// address without credentials, not "shop"',
      'pull-request: must be a number, or none, not "#1"',
      'dry-run: must be true or false, not "yes"',
      'expect-plan: must be the hash of a plan: 64 hexadecimal digits, not "abc"',
      'to: must be a release id: letters, digits, ".", "_" and "-", at most 128, no "..", not "a b"',
      'timeout: must be longer than 0, not 0',
    ]);
  });

  it('need a release only where one is made', () => {
    expect(told({})).toEqual(['release: is missing: deploy needs the id of a release']);
    expect(told({ command: 'plan' })).toHaveLength(1);
    expect(told({ command: 'status' })).toEqual([]);
    expect(told({ command: 'rollback' })).toEqual([]);
  });

  it('never show a secret in what is wrong with another', () => {
    const result = reading({ 'ssh-passphrase': 's3cret!!', release: 'x s3cret!! y', 'github-token': 'tok\nen1' });
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result.ok ? [] : result.failures)).not.toMatch(/s3cret|en1/);
  });
});
