import { Duplex, PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeLine } from '../../../src/balancers/haproxy/line.ts';

const pair = () => {
  const toUs = new PassThrough();
  const fromUs = new PassThrough();
  return { line: makeLine(Duplex.from({ readable: toUs, writable: fromUs })), toUs, fromUs };
};

test('replies come out whole, however the stream cuts them', async () => {
  const reply = fc.stringMatching(/^[a-zé "=,]{0,12}$/).map((text) => text.trim());
  await fc.assert(
    fc.asyncProperty(
      fc.array(reply, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      async (replies, size) => {
        const { line, toUs } = pair();
        const exchange = line.exchange(
          replies.map(() => 'show'),
          5_000,
        );
        const bytes = Buffer.from(replies.map((text) => `${text}\n\n> `).join(''));
        for (let at = 0; at < bytes.length; at += size) toUs.write(bytes.subarray(at, at + size));
        expect(await exchange).toEqual({ replies });
        line.close();
      },
    ),
    { numRuns: 50 },
  );
});

test('all commands of an exchange are one write, a line each', async () => {
  const { line, toUs, fromUs } = pair();
  const sent = new Promise((resolve) => fromUs.once('data', (chunk) => resolve(String(chunk))));
  const exchange = line.exchange(['prompt', 'show info'], 5_000);
  expect(await sent).toBe('prompt\nshow info\n');
  toUs.write('\n> Name: HAProxy\n\n> ');
  expect(await exchange).toEqual({ replies: ['', 'Name: HAProxy'] });
  line.close();
});

test('a stream that ends before the last reply is lost', async () => {
  const { line, toUs } = pair();
  const exchange = line.exchange(['one', 'two'], 5_000);
  toUs.end('first\n\n> sec');
  expect(await exchange).toEqual({ lost: 'closed' });
  expect(line.closed).toBe(true);
  expect(await line.exchange(['three'], 5_000)).toEqual({ lost: 'closed' });
});

test('a stream that says nothing is given up at the deadline', async () => {
  const { line } = pair();
  expect(await line.exchange(['one'], 20)).toEqual({ lost: 'silent' });
  expect(line.closed).toBe(true);
});
