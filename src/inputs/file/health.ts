import { z } from 'zod';
import { someTime } from '../values/duration.ts';
import { rate } from '../values/rate.ts';
import { address, line } from '../values/text.ts';
import { section } from './section.ts';

const pathExpected = 'must be a path that begins with "/"';
const headerExpected = 'must be the name of a header, or false where the body names the release';

const releaseHeader = z.union([
  z.string({ error: headerExpected }).regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { error: headerExpected }),
  z.literal(false, { error: headerExpected }),
]);

export const health = section({
  path: line
    .regex(/^\/\S*$/, { error: pathExpected })
    .default('/healthz')
    .describe('Path that an instance answers with 200 when it is ready.'),
  'release-header': releaseHeader
    .default('X-Release')
    .describe('Header of that answer that names the release; `false`: the body is the name.'),
  deadline: someTime.prefault('30s').describe('Longest wait until every instance is ready.'),
  host: line
    .regex(/^\S+$/, { error: 'must be a host name' })
    .optional()
    .describe('Host header of the request; `localhost` by default.'),
});

export const witness = section({
  url: address.describe('Address that goes through the balancer and names the release as `health` does.'),
  rate: rate.prefault('50/s').describe('Requests sent while the fleet changes: `50/s`, `300/m`.'),
  'release-header': releaseHeader.optional().describe('As in `health`, which is the default.'),
});
