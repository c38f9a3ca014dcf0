import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { Failure } from '../result.ts';
import type { Answer } from './exchange.ts';
import type { UploadConfig } from './s3-request.ts';

/** What the error codes of S3 mean for the person who configured the upload. */
const advices: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AccessDenied: 'the key needs s3:PutObject and s3:GetObject on this path',
    AuthorizationHeaderMalformed: 'check cdn.upload.region',
    EntityTooLarge: 'a file may have 5 GB at most',
    ExpiredToken: 'the session ended: get the credentials in the same job, shortly before this step',
    InvalidAccessKeyId: 'check the access key: the store does not know it',
    NoSuchBucket: 'check the bucket in cdn.upload.to, and cdn.upload.endpoint',
    PermanentRedirect: 'check cdn.upload.region and cdn.upload.endpoint',
    QuotaExceeded: 'the store is full: make room or raise its quota',
    SignatureDoesNotMatch: 'check the secret key: it does not belong to the access key',
    SlowDown: 'the store limits the rate of requests: try again later',
    XAmzContentSHA256Mismatch: 'a file changed while it was being uploaded: let the build end before this step',
  }),
);

const errorBody = z.object({ Error: z.object({ Code: z.string(), Message: z.string().default('') }) });

/** The code and message of an error answer; an answer to HEAD has neither. */
export function errorOf(body: string): { readonly code: string; readonly message: string } | undefined {
  try {
    const parsed = errorBody.safeParse(new XMLParser({ parseTagValue: false }).parse(body));
    return parsed.success ? { code: parsed.data.Error.Code, message: parsed.data.Error.Message } : undefined;
  } catch {
    return undefined;
  }
}

/** Why the store did not do what it was asked to. The clock of the runner is the usual suspect when a time is refused. */
export function explain(what: string, answer: Answer<string>, config: UploadConfig): Failure {
  const error = errorOf(answer.body);
  const where = destination(config);
  const region = answer.headers.get('x-amz-bucket-region');
  if (region && region !== config.region) {
    const advice = `set cdn.upload.region to ${region}`;
    return { what: `${what}: the bucket is in region ${region}, not ${config.region}`, where, advice };
  }
  const reason = error === undefined ? `status ${answer.status}` : error.code;
  const detail = error === undefined ? '' : redact(`${error.code}: ${error.message}`, config);
  const advice = error?.code === 'RequestTimeTooSkewed' ? skew(answer.headers) : advices.get(error?.code ?? '');
  return { what: `${what}: ${reason}`, where, ...(detail && { detail }), ...(advice && { advice }) };
}

export const destination = ({ bucket, prefix }: UploadConfig): string =>
  `s3://${[bucket, prefix].filter(Boolean).join('/')}`;

function skew(headers: Headers): string {
  const seconds = Math.round((Date.now() - Date.parse(headers.get('date') ?? '')) / 1000);
  const off = Number.isNaN(seconds)
    ? 'is wrong'
    : `is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the store's`;
  return `the clock of this machine ${off}: set it`;
}

/** The store repeats keys in some of its messages. */
function redact(text: string, { accessKeyId, secretAccessKey, sessionToken = '' }: UploadConfig): string {
  const secrets = [secretAccessKey, sessionToken, accessKeyId].filter(Boolean);
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text).slice(0, 500);
}
