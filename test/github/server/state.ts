/** What the server remembers. Tests read it, and fill in what was there before. */
export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly login: string;
  body: string;
  edits: number;
}

export interface Status {
  readonly id: number;
  readonly state: string;
  readonly description: string;
  readonly logUrl: string;
  readonly environmentUrl: string;
}

export interface Deployment {
  readonly id: number;
  readonly ref: string;
  readonly environment: string;
  readonly login: string;
  readonly payload: unknown;
  readonly statuses: Status[];
}

export interface Pull {
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly headSha: string;
  readonly mergeSha?: string;
  readonly mergedAt?: string;
}

export interface GitHubState {
  /** Who the token is. `undefined`: an installation token (GITHUB_TOKEN), which may not ask. */
  readonly login?: string;
  readonly comments: Comment[];
  readonly deployments: Deployment[];
  /** Check run id → id of the deployment that GitHub made for its job. */
  readonly checkRuns: Map<number, number | undefined>;
  /** Commit → pull requests that brought it. */
  readonly pulls: Map<string, Pull[]>;
  nextId(): number;
}

export function emptyState(login?: string): GitHubState {
  let last = 1_000;
  return {
    ...(login === undefined ? {} : { login }),
    comments: [],
    deployments: [],
    checkRuns: new Map(),
    pulls: new Map(),
    nextId: () => {
      last += 1;
      return last;
    },
  };
}

export const authorOf = (state: GitHubState): string => state.login ?? 'github-actions[bot]';
