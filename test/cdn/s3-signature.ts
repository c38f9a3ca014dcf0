import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What of a request takes part in its signature. */
export interface Refusable {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const quarterHour = 15 * 60_000;

const pattern =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([\da-f]{64})$/;

/**
 * Verifies a request as "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)" says, from the
 * bytes on the wire and node:crypto alone. `now` is the server's clock in milliseconds since 1970.
 */
export function refusal(request: Refusable, keys: Keys, region: string, now: number): Refusal | undefined {
  const { headers } = request;
  const authorization = headers.authorization;
  if (authorization === undefined) return { status: 403, code: 'AccessDenied', message: 'Access Denied' };
  const match = pattern.exec(authorization);
  if (!match)
    return { status: 400, code: 'AuthorizationHeaderMalformed', message: 'The authorization header is malformed' };
  const [, keyId = '', date = '', signedRegion = '', signedHeaders = '', signature = ''] = match;
  const amzDate = String(headers['x-amz-date']);
  const refused = refusedScope({ keyId, signedRegion, token: headers['x-amz-security-token'] }, keys, region);
  if (refused) return refused;
  const missing = Object.keys(headers).find(
    (name) => /^(host|x-amz-.*)$/.test(name) && !signedHeaders.split(';').includes(name),
  );
  if (missing)
    return {
      status: 403,
      code: 'AccessDenied',
      message: `There were headers present which were not signed: ${missing}`,
    };
  if (!amzDate.startsWith(date) || Math.abs(parseAmzDate(amzDate) - now) > quarterHour) {
    return {
      status: 403,
      code: 'RequestTimeTooSkewed',
      message: 'The difference between the request time and the current time is too large.',
    };
  }
  const toSign = [
    'AWS4-HMAC-SHA256',
    amzDate,
    `${date}/${region}/s3/aws4_request`,
    sha256(canonical(request, signedHeaders)),
  ].join('\n');
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`);
  if (timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'))) return undefined;
  const message = `The request signature we calculated does not match the signature you provided. ${keyId} ${toSign}`;
  return { status: 403, code: 'SignatureDoesNotMatch', message };
}

interface Scope {
  readonly keyId: string;
  readonly signedRegion: string;
  readonly token: string | string[] | undefined;
}

function refusedScope({ keyId, signedRegion, token }: Scope, keys: Keys, region: string): Refusal | undefined {
  if (keyId !== keys.accessKeyId) {
    return {
      status: 403,
      code: 'InvalidAccessKeyId',
      message: 'The AWS Access Key Id you provided does not exist in our records.',
    };
  }
  if (token !== keys.sessionToken)
    return { status: 400, code: 'InvalidToken', message: 'The provided token is malformed or otherwise invalid.' };
  if (signedRegion === region) return undefined;
  return {
    status: 400,
    code: 'AuthorizationHeaderMalformed',
    message: `the region '${signedRegion}' is wrong; expecting '${region}'`,
  };
}

function canonical(request: Refusable, signedHeaders: string): string {
  const url = new URL(request.url ?? '/', 'http://server');
  const path = url.pathname
    .split('/')
    .map((segment) => encode(decodeURIComponent(segment)))
    .join('/');
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const headers = signedHeaders
    .split(';')
    .map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, ' ')}\n`);
  const payload = String(request.headers['x-amz-content-sha256']);
  return [request.method, path, query, headers.join(''), signedHeaders, payload].join('\n');
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const parseAmzDate = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
