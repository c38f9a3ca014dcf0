import { expect, it } from 'vitest';
import { isNear } from '../../../src/servers/releases/near.ts';

it.each([
  ['127.0.0.1', true],
  ['10.213.0.11', true],
  ['172.16.4.1', true],
  ['192.168.1.7', true],
  ['fd00::11', true],
  ['::1', true],
  ['172.32.0.1', false],
  ['203.0.113.9', false],
  ['2001:db8::1', false],
  ['web-1.example.com', false],
  ['999.1', false],
])('takes %s for near: %s', (address, near) => expect(isNear(address)).toBe(near));
