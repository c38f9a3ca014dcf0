import type { Action } from '../plan/plan.ts';
import { duration } from './duration.ts';
import { serverNames } from './names.ts';

/** `blue on web-1, web-2`; the slot of a fleet that has only one goes without saying. */
const place = (slot: string, servers: readonly string[]): string =>
  slot === 'current' ? serverNames(servers) : `${slot} on ${serverNames(servers)}`;

/** What a step does, in words. The same words everywhere: plan, log, comment, chart. */
export function describe(action: Action): string {
  switch (action.do) {
    case 'upload-assets':
      return 'upload assets to the CDN';
    case 'transfer':
      return `copy and verify the release on ${serverNames(action.servers)}`;
    case 'restart':
      return `restart ${place(action.slot, action.servers)}`;
    case 'point':
      return `point ${place(action.slot, action.servers)} at the release it runs`;
    case 'await-ready':
      return `wait for ${place(action.slot, action.servers)} to be ready`;
    case 'admit':
      return `wait until the balancer sees pool ${action.pool} up`;
    case 'switch':
      return action.cutover ? `cut over to pool ${action.to}` : `send users to pool ${action.to} only`;
    case 'drain':
      return `let pool ${action.pool} finish its requests`;
    case 'stop':
      return `stop ${place(action.slot, action.servers)}${action.afterMs > 0 ? ` after ${duration(action.afterMs)}` : ''}`;
    case 'purge':
      return 'purge the CDN';
    case 'prune':
      return `remove old releases on ${serverNames(action.servers)}`;
  }
}

/** The servers that a step reports one by one. */
export const serversOf = (action: Action): readonly string[] => ('servers' in action ? action.servers : []);
