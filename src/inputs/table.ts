/** One input of the action, which is also a flag of the command line. */
export interface InputRow {
  readonly description: string;
  /** As in action.yml; may be an expression of the runner, which the command line does not have. */
  readonly default?: string;
  /** Never a flag (a process list shows flags): on the command line it is read from `FLEETFLIP_<NAME>`. */
  readonly secret?: true;
  /** Makes no sense outside a run on GitHub. */
  readonly runnerOnly?: true;
}

const expression = (context: string): string => `$\{{ ${context} }}`;

/** Whether a default has a meaning only where the runner evaluates it. */
export const isExpression = (text: string): boolean => text.startsWith('${{');

/** Every input by name: the one source of action.yml, the command line's flags and help, and the reference page. */
export const inputTable = {
  command: {
    description: 'What to do: `deploy`, `plan` (show what a deploy would do), `rollback` or `status`.',
    default: 'deploy',
  },
  fleet: { description: 'Path of the fleet file.', default: '.github/fleetflip.yml' },
  release: {
    description:
      'Id of the release: its folder on the servers, and what instances must answer as. On GitHub, the commit by default.',
    default: expression('github.sha'),
  },
  source: { description: 'Folder with the files of the release. Needed by `deploy` and `plan`.' },
  'ssh-key': {
    description: 'Private key (OpenSSH or PEM) for the servers. Without it an SSH agent is asked.',
    secret: true,
  },
  'ssh-passphrase': { description: 'Passphrase of the private key, where it has one.', secret: true },
  'known-hosts': {
    description: 'Host keys of all servers, jump hosts and balancers: the text of a `known_hosts` file.',
  },
  strategy: { description: 'Strategy of this run, instead of the one in the fleet file: `blue-green` or `swap`.' },
  budget: { description: 'What the flip of this run may take, instead of what the fleet file says: `5s`.' },
  environment: {
    description: 'Environment that the deployment and the comment are about; the one of the job by default.',
  },
  url: { description: 'Address of the application, for the deployment and the comment.' },
  'pull-request': {
    description:
      'Number of the pull request to report to; found from the event by default. `none`: report to no pull request.',
  },
  'dry-run': { description: 'Observe and plan, change nothing: `true` or `false`.', default: 'false' },
  'allow-shrunken': {
    description:
      'Deploy a source with less than half of the files or bytes of the live release, which is refused otherwise: `true` or `false`.',
    default: 'false',
  },
  'expect-plan': { description: 'Hash of the plan that was approved (output `plan-hash`). Another plan is refused.' },
  to: { description: 'Where `rollback` goes: a release id, or `previous`.', default: 'previous' },
  timeout: {
    description: 'Longest time for the whole run. What has begun is settled, nothing new is started.',
    default: '15m',
  },
  'github-token': {
    description: 'Token for the comment and the deployment. Without its permissions there is a job summary only.',
    default: expression('github.token'),
    secret: true,
    runnerOnly: true,
  },
  'check-run-id': {
    description: 'Check run of this job, by which the deployment that GitHub made for it is found. Leave it alone.',
    default: expression('job.check_run_id'),
    runnerOnly: true,
  },
} as const satisfies Readonly<Record<string, InputRow>>;

export type InputName = keyof typeof inputTable;

/** Every output of the action by name. */
export const outputTable = {
  result: 'How it ended: `flipped`, `unchanged`, `staged`, `planned`, `rolled-back`, `held`, `cancelled` or `failed`.',
  release: 'Id of the release that was wanted.',
  'previous-release': 'Id of the release that was live before.',
  'flip-ms': 'Milliseconds from the first pool change until every member in the pool ran the new release.',
  'cutover-ms': 'Milliseconds of the change after which users were answered by the new release.',
  'total-ms': 'Milliseconds of the whole run.',
  'budget-ms': 'What the flip was allowed to take, in milliseconds.',
  'within-budget': '`true` or `false`: whether it did.',
  'mixed-ms': 'Milliseconds in which the witness saw the old release after the new one. Empty without a witness.',
  'failed-requests': 'Requests of the witness without a good answer. Empty without a witness.',
  'plan-hash': 'Hash of the plan: the same for the same plan of the same fleet.',
  timeline: 'Path of `timeline.json`: everything that happened, with its time.',
  url: 'The input `url`, for `environment.url` of the job.',
} as const satisfies Readonly<Record<string, string>>;
