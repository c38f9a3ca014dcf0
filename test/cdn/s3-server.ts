import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen } from '../support/listen.ts';
import { type Keys, type Refusal, refusal } from './s3-signature.ts';

/** An S3-compatible store in memory, path style, written from the documentation of S3 and apart from the driver. */
export interface S3Server {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  readonly bucket: string;
  readonly keys: Keys;
  readonly region: string;
  /** What is stored, by key. */
  readonly objects: Map<string, StoredObject>;
  /** `METHOD key` of every request, in the order of their arrival. */
  readonly log: string[];
  /** What goes wrong; may be changed at any time. */
  readonly faults: Faults;
  close(): Promise<void>;
}

export interface StoredObject {
  readonly body: Buffer;
  /** `content-type`, `cache-control` and `x-amz-meta-*` as they were given. */
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
}

export interface Faults {
  /** Milliseconds before every answer. */
  delayMs: number;
  /** Answers this many requests with the error. */
  refuse: { times: number; status: number; code: string; method?: string } | undefined;
  /** Closes the connection of this many requests without an answer. */
  drop: number;
  /** Stores other bytes than were sent. */
  corrupt: boolean;
  /** Stores nothing, and says that it did. */
  forget: boolean;
  /** Bytes that the store takes in all. */
  quota: number;
  /** The server's clock against the real one, in milliseconds. */
  skewMs: number;
  /** Tells about a missing object only that access is denied, as without the permission to list. */
  hidesMissing: boolean;
  /** Says that it encrypts with a key of the customer, where the ETag is no MD5. */
  kms: boolean;
}

export interface S3Options {
  readonly bucket?: string;
  readonly keys?: Keys;
  readonly region?: string;
  /** Anyone may read, as through a CDN. */
  readonly publicRead?: boolean;
}

const defaultKeys: Keys = { accessKeyId: 'AKIDLOCALEXAMPLE', secretAccessKey: 'local/secret+for/tests' };

const noFaults = (): Faults => ({
  delayMs: 0,
  refuse: undefined,
  drop: 0,
  corrupt: false,
  forget: false,
  quota: Number.POSITIVE_INFINITY,
  skewMs: 0,
  hidesMissing: false,
  kms: false,
});

export async function startS3(options: S3Options = {}): Promise<S3Server> {
  const { bucket = 'assets', keys = defaultKeys, region = 'eu-test-1', publicRead = false } = options;
  const store: Store = { bucket, keys, region, publicRead, objects: new Map(), log: [], faults: noFaults() };
  const server = createServer((request, response) => {
    answer(store, request, response).catch(() => response.destroy());
  });
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { endpoint, ...store, close };
}

interface Store extends Omit<S3Server, 'endpoint' | 'close'> {
  readonly publicRead: boolean;
}

async function answer(store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { faults } = store;
  const url = new URL(request.url ?? '/', 'http://server');
  const [bucket = '', ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  const key = rest.join('/');
  const { method = '' } = request;
  store.log.push(`${method} ${key}`);
  response.setHeader('date', new Date(Date.now() + faults.skewMs).toUTCString());
  response.setHeader('server', 'local-s3');
  if (faults.drop > 0) {
    faults.drop -= 1;
    request.socket.destroy();
    return;
  }
  const body = await buffer(request);
  if (faults.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, faults.delayMs));
  const refused = mischief(faults, method) ?? unauthorised(store, request) ?? unfit(store, { request, bucket, body });
  if (refused) return sendError(request, response, refused);
  if (key === '') return list(store, url.searchParams, response);
  if (method === 'PUT') return put(store, { key, body, request, response });
  if (method === 'GET' || method === 'HEAD') return get(store, { key, request, response });
  sendError(request, response, {
    status: 405,
    code: 'MethodNotAllowed',
    message: 'Not allowed against this resource.',
  });
}

function mischief(faults: Faults, method: string): Refusal | undefined {
  const { refuse } = faults;
  if (!refuse || refuse.times === 0 || (refuse.method ?? method) !== method) return undefined;
  refuse.times -= 1;
  return { status: refuse.status, code: refuse.code, message: 'Asked for by the test.' };
}

function unauthorised({ keys, region, faults, publicRead }: Store, request: IncomingMessage): Refusal | undefined {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (publicRead && isRead && request.headers.authorization === undefined) return undefined;
  return refusal(request, keys, region, Date.now() + faults.skewMs);
}

interface Arrival {
  readonly request: IncomingMessage;
  readonly bucket: string;
  readonly body: Buffer;
}

function unfit(store: Store, { request, bucket, body }: Arrival): Refusal | undefined {
  const { headers, method } = request;
  if (bucket !== store.bucket)
    return { status: 404, code: 'NoSuchBucket', message: 'The specified bucket does not exist' };
  if (method !== 'PUT') return undefined;
  if (headers['content-length'] === undefined) {
    return { status: 411, code: 'MissingContentLength', message: 'You must provide the Content-Length HTTP header.' };
  }
  const declared = headers['x-amz-content-sha256'];
  if (declared !== 'UNSIGNED-PAYLOAD' && declared !== hash('sha256', body).toString('hex')) {
    return {
      status: 400,
      code: 'XAmzContentSHA256Mismatch',
      message: 'The provided x-amz-content-sha256 header does not match what was computed.',
    };
  }
  const md5 = headers['content-md5'];
  if (typeof md5 === 'string') {
    const given = Buffer.from(md5, 'base64');
    if (given.length !== 16)
      return { status: 400, code: 'InvalidDigest', message: 'The Content-MD5 you specified is not valid.' };
    if (!given.equals(hash('md5', body)))
      return {
        status: 400,
        code: 'BadDigest',
        message: 'The Content-MD5 you specified did not match what we received.',
      };
  }
  const checksum = headers['x-amz-checksum-sha256'];
  if (checksum !== undefined && checksum !== hash('sha256', body).toString('base64')) {
    return {
      status: 400,
      code: 'BadDigest',
      message: 'The SHA256 you specified did not match the calculated checksum.',
    };
  }
  const total = [...store.objects.values()].reduce((sum, object) => sum + object.body.length, body.length);
  if (total > store.faults.quota)
    return { status: 403, code: 'QuotaExceeded', message: 'The quota of the bucket is exceeded.' };
  return undefined;
}

interface Access {
  readonly key: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function put({ objects, faults }: Store, { key, body, request, response }: Access & { readonly body: Buffer }): void {
  const stored = faults.corrupt ? Buffer.concat([Buffer.from('?'), body.subarray(1)]) : body;
  const kept = Object.entries(request.headers).flatMap(([name, value]) =>
    /^(content-type|cache-control|content-encoding|x-amz-meta-.*)$/.test(name) ? [[name, String(value)]] : [],
  );
  const etag = `"${hash('md5', faults.kms ? Buffer.concat([stored, Buffer.from('kms')]) : stored).toString('hex')}"`;
  if (!faults.forget) objects.set(key, { body: stored, headers: Object.fromEntries(kept), etag });
  response.writeHead(200, { etag, ...(faults.kms && { 'x-amz-server-side-encryption': 'aws:kms' }) }).end();
}

function get({ objects, faults }: Store, { key, request, response }: Access): void {
  const object = objects.get(key);
  if (object) {
    const { body, headers, etag } = object;
    response.writeHead(200, { 'content-type': 'binary/octet-stream', ...headers, etag, 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
  } else if (faults.hidesMissing)
    sendError(request, response, { status: 403, code: 'AccessDenied', message: 'Access Denied' });
  else sendError(request, response, { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' });
}

/** ListObjectsV2 in one page. */
function list({ bucket, objects }: Store, query: URLSearchParams, response: ServerResponse): void {
  const prefix = query.get('prefix') ?? '';
  const keys = [...objects].filter(([key]) => key.startsWith(prefix)).sort(([one], [other]) => (one < other ? -1 : 1));
  const contents = keys.map(
    ([key, { body, etag }]) =>
      `<Contents><Key>${xml(key)}</Key><ETag>${xml(etag)}</ETag><Size>${body.length}</Size></Contents>`,
  );
  const head = `<Name>${xml(bucket)}</Name><KeyCount>${keys.length}</KeyCount><IsTruncated>false</IsTruncated>`;
  response.setHeader('content-type', 'application/xml');
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult>${head}${contents.join('')}</ListBucketResult>`,
  );
}

/** An answer to HEAD has no body, so it does not say why. */
function sendError(request: IncomingMessage, response: ServerResponse, { status, code, message }: Refusal): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${xml(message)}</Message><RequestId>1</RequestId></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(request.method === 'HEAD' ? undefined : body);
}

const hash = (algorithm: 'md5' | 'sha256', body: Buffer): Buffer => createHash(algorithm).update(body).digest();

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
