import { expect, it } from 'vitest';
import type { WitnessSummary } from '../../src/report/events.ts';
import type { Ending } from '../../src/rollout/conclude.ts';
import { watched } from '../../src/rollout/watched.ts';
import { simulate } from '../support/simulated-fleet.ts';

const summary: WitnessSummary = { requests: 7, failed: 0, mixed: 0, mixedMs: 0, outageMs: 3, samples: [] };
const ending: Ending = { result: 'flipped' };

function setting() {
  const { world, happenings } = simulate({
    slots: [{ name: 'current', servers: ['web-1', 'web-2'], ports: [8001] }],
    release: 'old',
    live: 'all',
    wanted: 'new',
  });
  const course: string[] = [];
  const startWitness = (release: string) => {
    course.push(`witness of ${release}`);
    return {
      stop: async () => {
        course.push('stop');
        return summary;
      },
    };
  };
  return { world, happenings, course, startWitness };
}

it('keeps the witness on while the work runs, and adds what it saw', async () => {
  const { world, happenings, course, startWitness } = setting();
  const work = async () => {
    course.push('work');
    return ending;
  };
  expect(await watched({ ...world, startWitness }, 'new', work)).toEqual({ ...ending, witness: summary });
  expect(course).toEqual(['witness of new', 'work', 'stop']);
  expect(happenings).toEqual([{ type: 'witness', summary }]);
});

it('claims nothing about users where there is no witness', async () => {
  const { world, happenings } = setting();
  expect(await watched(world, 'new', async () => ending)).toEqual(ending);
  expect(happenings).toEqual([]);
});

it('stops the witness when the work breaks, so that it does not ask for ever', async () => {
  const { world, course, startWitness } = setting();
  const work = () => Promise.reject(new Error('a bug'));
  await expect(watched({ ...world, startWitness }, 'new', work)).rejects.toThrow('a bug');
  expect(course).toEqual(['witness of new', 'stop']);
});
