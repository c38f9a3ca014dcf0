interface Run {
  readonly before: string;
  readonly after: string;
  readonly first: string;
  readonly last: string;
  readonly servers: readonly string[];
}

const runOf = (server: string): Run => {
  const [, before = server, digits = '', after = ''] = /^(.*?)(\d+)(\D*)$/.exec(server) ?? [];
  return { before, after, first: digits, last: digits, servers: [server] };
};

const continues = (run: Run, next: Run): boolean =>
  run.last !== '' &&
  run.before === next.before &&
  run.after === next.after &&
  String(Number(run.last) + 1).padStart(run.last.length, '0') === next.first;

const wordsOf = (run: Run): readonly string[] =>
  run.servers.length > 2 ? [`${run.before}[${run.first}-${run.last}]${run.after}`] : run.servers;

const together = (server: string, previous: Run | undefined): Run | undefined => {
  const next = runOf(server);
  if (previous === undefined || !continues(previous, next)) return undefined;
  return { ...previous, last: next.last, servers: [...previous.servers, server] };
};

function runsOf(servers: readonly string[]): Run[] {
  const runs: Run[] = [];
  for (const server of servers) {
    const joined = together(server, runs.at(-1));
    if (joined !== undefined) runs.pop();
    runs.push(joined ?? runOf(server));
  }
  return runs;
}

/**
 * Many servers in few words, in the range syntax of the fleet file: `web-[1-64]`, `web-1, web-2`, `a, b, c and 12 more`.
 * At most `limit` ranges or names are written out.
 */
export function serverNames(servers: readonly string[], limit = 4): string {
  const words = runsOf(servers).flatMap((run) => wordsOf(run).map((word) => ({ word, stands: run.servers.length })));
  const shown = words.slice(0, limit);
  const left = words.slice(limit).reduce((sum, { word, stands }) => sum + (word.includes('[') ? stands : 1), 0);
  const text = shown.map(({ word }) => word).join(', ');
  return left === 0 ? text : `${text} and ${left} more`;
}

/** A commit SHA as people know it; any other release id as it is, cut where it would break a table. */
export function releaseName(release: string): string {
  if (/^[0-9a-f]{40}$/.test(release)) return release.slice(0, 7);
  return release.length <= 40 ? release : `${release.slice(0, 39)}…`;
}
