import { expect, test } from 'vitest';
import { some } from '../../../src/balancers/haproxy/members.ts';
import { socketTarget } from '../../../src/balancers/haproxy/runtime.ts';

test.each([
  ['/run/haproxy/admin.sock', { path: '/run/haproxy/admin.sock' }],
  ['127.0.0.1:9999', { host: '127.0.0.1', port: 9999 }],
  ['[::1]:9999', { host: '::1', port: 9999 }],
  ['lb:9999', { host: 'lb', port: 9999 }],
])('the socket %s leads to %j', (socket, target) => expect(socketTarget(socket)).toEqual(target));

test('a list of names stays one line long', () => {
  expect(some(['a', 'b', 'c', 'd'])).toBe('a, b, c, d');
  expect(some(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
});
