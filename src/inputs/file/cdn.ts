import { z } from 'zod';
import { duration } from '../values/duration.ts';
import { address, line } from '../values/text.ts';
import { section } from './section.ts';

const bucketExpected = 'must be s3://bucket or s3://bucket/prefix';
const destination = z
  .string({ error: bucketExpected })
  .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[^\s?#]*)?$/, { error: bucketExpected })
  .transform((text) => {
    const [bucket = '', ...prefix] = text.slice('s3://'.length).split('/');
    return { bucket, prefix: prefix.filter((part) => part !== '').join('/') };
  });

const upload = section({
  to: destination.describe('Destination: `s3://bucket/prefix`.'),
  from: line.describe('Folder on the runner.'),
  endpoint: address.optional().describe('S3-compatible service; the one of Amazon in the region by default.'),
  region: line.default('us-east-1').describe('Region that requests are signed for.'),
  'cache-control': line.default('public, max-age=31536000, immutable').describe('Cache-Control of every file.'),
  verify: address
    .optional()
    .describe('Public address of the destination, to look at the files through the CDN after the upload.'),
  'access-key-id': line.optional().describe('The environment variable AWS_ACCESS_KEY_ID by default.'),
  'secret-access-key': line.optional().describe('The environment variable AWS_SECRET_ACCESS_KEY by default.'),
  'session-token': line.optional().describe('The environment variable AWS_SESSION_TOKEN by default, where it is set.'),
});

const purge = section({
  provider: z.literal('fastly').describe('Whose cache it is.'),
  service: line.regex(/^[A-Za-z0-9]+$/, { error: 'must be the id of a Fastly service' }).describe('Id of the service.'),
  keys: z
    .array(line.regex(/^\S+$/, { error: 'must be a surrogate key: text without spaces' }))
    .min(1, { error: 'must name at least one surrogate key' })
    .describe('Surrogate keys to purge.'),
  token: line.optional().describe('API token; the environment variable FASTLY_TOKEN by default.'),
  endpoint: address.default('https://api.fastly.com').describe('Address of the API.'),
  'again-after': duration
    .prefault('2s')
    .describe('Pause before the purge is repeated, for answers of the old release that were on their way.'),
});

export const cdn = section({
  upload: upload.optional().describe('Assets go to a store before the flip.'),
  purge: purge.optional().describe('Pages are purged after the flip.'),
});
