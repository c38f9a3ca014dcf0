import { AwsV4Signer } from 'aws4fetch';
import type { CdnConfig } from '../inputs/config.ts';

export type UploadConfig = NonNullable<CdnConfig['upload']>;

export interface Signable {
  readonly method: 'HEAD' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, hexadecimal. The store refuses a body that has another. */
  readonly bodySha256: string;
}

export const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * Address of an object. At AWS the bucket is part of the host name, anywhere else (and for a bucket with dots, which the
 * wildcard certificate does not cover) of the path.
 */
export function objectUrl({ endpoint, bucket, prefix }: UploadConfig, key: string): URL {
  const url = new URL(endpoint);
  const isAws = /\.amazonaws\.com(\.cn)?$/.test(url.hostname);
  const inHost = isAws && !bucket.includes('.');
  if (inHost) url.hostname = `${bucket}.${url.hostname}`;
  const base = url.pathname.split('/');
  const segments = [...base, ...(inHost ? [] : [bucket]), ...prefix.split('/'), ...key.split('/')];
  url.pathname = `/${segments
    .filter((segment) => segment !== '')
    .map(encodeSegment)
    .join('/')}`;
  return url;
}

/** All but the unreserved characters of RFC 3986, as signature version 4 counts on. */
const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Headers of a request with its signature (AWS signature version 4). Valid for 15 minutes around now. */
export async function signed(config: UploadConfig, { method, url, headers, bodySha256 }: Signable): Promise<Headers> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = config;
  const signer = new AwsV4Signer({
    method,
    url: url.href,
    headers: { ...headers, 'x-amz-content-sha256': bodySha256 },
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    service: 's3',
    region,
  });
  return (await signer.sign()).headers;
}
