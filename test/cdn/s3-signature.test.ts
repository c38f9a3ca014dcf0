import { expect, test } from 'vitest';
import { type Refusable, refusal } from './s3-signature.ts';

// The examples of the S3 documentation, "Signature Calculations for the Authorization Header: Transferring Payload in a
// Single Chunk": the test server has to accept them as they are printed, or it proves nothing about the driver.
const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const then = Date.UTC(2013, 4, 24);

const authorization = (signedHeaders: string, signature: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`;

const getObject: Refusable = {
  method: 'GET',
  url: '/test.txt',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-amz-date': '20130524T000000Z',
    authorization: authorization(
      'host;range;x-amz-content-sha256;x-amz-date',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ),
  },
};

const putObject: Refusable = {
  method: 'PUT',
  url: '/test%24file.text',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    'x-amz-date': '20130524T000000Z',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    authorization: authorization(
      'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ),
  },
};

const listObjects: Refusable = {
  method: 'GET',
  url: '/?max-keys=2&prefix=J',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-amz-date': '20130524T000000Z',
    authorization: authorization(
      'host;x-amz-content-sha256;x-amz-date',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ),
  },
};

test.each([
  ['GetObject', getObject],
  ['PutObject', putObject],
  ['ListObjects', listObjects],
])('accepts the documented example of %s, and no other path', (_, request) => {
  expect(refusal(request, keys, 'us-east-1', then)).toBeUndefined();
  expect(refusal({ ...request, url: `${request.url}x` }, keys, 'us-east-1', then)?.code).toBe('SignatureDoesNotMatch');
  expect(refusal(request, keys, 'us-east-1', then + 16 * 60_000)?.code).toBe('RequestTimeTooSkewed');
  expect(refusal(request, keys, 'eu-west-1', then)?.code).toBe('AuthorizationHeaderMalformed');
});

test('refuses a header of its own that was not signed', () => {
  const headers = { ...getObject.headers, 'x-amz-meta-extra': 'smuggled' };
  expect(refusal({ ...getObject, headers }, keys, 'us-east-1', then)?.code).toBe('AccessDenied');
});
