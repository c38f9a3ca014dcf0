import { expect, it } from 'vitest';
import { planText } from '../../src/report/plan-table.ts';
import { swapPlan } from './fixtures/streams.ts';

it('prints a plan for a terminal', () => {
  expect(planText(swapPlan(), 5_000)).toMatchInlineSnapshot(`
    "swap from 91ac0de to 8c41f0e, 9 steps, flip about 3.41 s of 5 s, plan c0ffeec0ffee
    #  Phase   Step                                      Members  Estimate  Capacity  Live
    1  stage   upload assets to the CDN                                4 s     100 %  91ac0de
    2  stage   copy and verify the release on web-[1-4]                8 s     100 %  91ac0de
    3  flip    send users to pool b only                     128      2 ms      50 %  91ac0de
    4  flip    restart web-1, web-2                          128     1.7 s      50 %  91ac0de
    5  flip    cut over to pool a                            128      2 ms      50 %  8c41f0e
    6  flip    restart web-3, web-4                          128     1.7 s      50 %  8c41f0e
    7  flip    send users to pool all only                   256      2 ms     100 %  8c41f0e
    8  finish  purge the CDN                                        500 ms     100 %  8c41f0e
    9  finish  remove old releases on web-[1-4]                     200 ms     100 %  8c41f0e"
  `);
});

it('says of an empty plan that there is nothing to do', () => {
  expect(planText({ ...swapPlan(), steps: [] }, 5_000)).toBe(
    'swap from 91ac0de to 8c41f0e, nothing to do, plan c0ffeec0ffee',
  );
});
