import type { Action, Wish } from './plan.ts';

/** Milliseconds, as seen on small servers with 64 instances each. A rough guide until a fleet has a history of its own. */
const typical = {
  'upload-assets': 5000,
  transfer: 3000,
  restart: 1300,
  point: 50,
  'await-ready': 1000,
  admit: 50,
  drain: 50,
  stop: 300,
  purge: 300,
  prune: 200,
} as const;

export function estimate(action: Action, wish: Wish): number {
  if (action.do === 'switch') return wish.balancer.switchMs;
  if (action.do === 'stop') return action.afterMs + typical.stop;
  return typical[action.do];
}
