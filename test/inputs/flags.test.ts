import { describe, expect, it } from 'vitest';
import { helpText, readFlags } from '../../src/inputs/flags.ts';
import { readInputs } from '../../src/inputs/inputs.ts';
import { inputTable } from '../../src/inputs/table.ts';

const run = (line: string, environment: Readonly<Record<string, string>> = {}) => {
  const flags = readFlags(line.split(' ').filter(Boolean), environment);
  return flags.do === 'run' ? readInputs(flags.get) : flags;
};

describe('the command line', () => {
  it('says the same as the inputs of the action', () => {
    const environment = { FLEETFLIP_SSH_KEY: 'key', INPUT_SOURCE: 'ignored' };
    expect(run('plan --release v1 --source=build --dry-run --budget 2s', environment)).toMatchObject({
      ok: true,
      inputs: { command: 'plan', release: 'v1', source: 'build', dryRun: true, budgetMs: 2000, sshKey: 'key' },
    });
  });

  it('deploys where no command is named', () => {
    expect(run('--release v1')).toMatchObject({ ok: true, inputs: { command: 'deploy' } });
  });

  it.each(['--help', '-h', 'deploy --help', '--nonsense --help'])('explains itself: %s', (line) =>
    expect(run(line)).toEqual({ do: 'help' }),
  );

  it.each([
    ['deploy status', 'status: one command at a time', undefined],
    ['--relase v1', '--relase: unknown flag', 'did you mean --release?'],
    ['-x', '-x: unknown flag', 'see --help'],
    ['deploy --fleet', '--fleet: needs a value', undefined],
    ['--dry-run=yes', '--dry-run: takes no value', undefined],
    ['--github-token x', '--github-token: unknown flag', undefined],
  ])('refuses %s', (line, what, advice) => {
    const flags = run(line);
    expect(flags).toMatchObject({ do: 'refuse', failures: [{ where: 'command line', what }] });
    if (advice !== undefined) expect(flags).toMatchObject({ failures: [{ advice }] });
  });

  it('takes no secret, and does not repeat it', () => {
    const flags = run('--ssh-key s3cret');
    expect(flags).toMatchObject({ do: 'refuse', failures: [{ advice: 'set FLEETFLIP_SSH_KEY' }] });
    expect(JSON.stringify(flags)).not.toContain('s3cret');
  });

  it('tells all that is wrong at once', () => {
    expect(run('--relase --budgt 5s')).toMatchObject({ failures: [{}, {}] });
  });

  it('has help for every input that means something there', () => {
    const { command: _, 'github-token': token, 'check-run-id': checkRun, ...others } = inputTable;
    for (const { description } of Object.values(others)) expect(helpText()).toContain(description.replaceAll('`', ''));
    for (const { description } of [token, checkRun]) expect(helpText()).not.toContain(description);
  });
});
