import { expect, test } from 'vitest';
import { objectUrl } from '../../src/cdn/s3-request.ts';

const url = (endpoint: string, bucket: string, prefix = '') =>
  objectUrl(
    { endpoint, bucket, prefix, from: '', region: '', cacheControl: '', accessKeyId: '', secretAccessKey: '' },
    'a b/c+d.js',
  ).href;

test.each([
  ['https://s3.eu-west-1.amazonaws.com', 'shop', '', 'https://shop.s3.eu-west-1.amazonaws.com/a%20b/c%2Bd.js'],
  [
    'https://s3.cn-north-1.amazonaws.com.cn',
    'shop',
    'x/',
    'https://shop.s3.cn-north-1.amazonaws.com.cn/x/a%20b/c%2Bd.js',
  ],
  ['https://s3.eu-west-1.amazonaws.com', 'my.shop', '', 'https://s3.eu-west-1.amazonaws.com/my.shop/a%20b/c%2Bd.js'],
  [
    'https://id.r2.cloudflarestorage.com/',
    'shop',
    '/p//q/',
    'https://id.r2.cloudflarestorage.com/shop/p/q/a%20b/c%2Bd.js',
  ],
  ['http://minio:9000/base', 'shop', '', 'http://minio:9000/base/shop/a%20b/c%2Bd.js'],
  ['https://amazonaws.com.evil.example', 'shop', '', 'https://amazonaws.com.evil.example/shop/a%20b/c%2Bd.js'],
])('at %s the bucket %s and prefix "%s" make %s', (endpoint, bucket, prefix, expected) => {
  expect(url(endpoint, bucket, prefix)).toBe(expected);
});
