import { describe, expect, test } from 'vitest';
import {
  administrative,
  csvCells,
  isStopping,
  mapValue,
  plain,
  refusal,
  stateRows,
  statRows,
} from '../../../src/balancers/haproxy/replies.ts';

describe('a change is refused', () => {
  test.each([
    ['', undefined],
    ['[6]: admin', undefined],
    ['[4]: no need to change the addr', undefined],
    ['[3]: No such server.', 'No such server.'],
    ['[0]: everything is lost', 'everything is lost'],
    ['Unknown command: set sever', 'Unknown command: set sever'],
  ])('%j → %j', (reply, reason) => expect(refusal(reply)).toBe(reason));
});

test('a remark is read without its level', () => {
  expect(plain('[6]: admin\n')).toBe('admin');
  expect(plain('no level')).toBe('no level');
});

describe('the value of a map entry', () => {
  const found = 'type=str, case=sensitive, found=yes, idx=tree, key="shop", value="shop-blue", type="str"';
  test.each([
    [found, 'shop-blue'],
    ['type=str, case=sensitive, found=no', undefined],
    ['[3]: Unknown map identifier. Please use #<id> or <file>.', undefined],
  ])('%j → %j', (reply, value) => expect(mapValue(reply)).toBe(value));
});

test('a process that is being replaced is told from `show info`', () => {
  expect(isStopping('Idle_pct: 100\nStopping: 1\nJobs: 3')).toBe(true);
  expect(isStopping('Idle_pct: 100\nStopping: 0\nJobs: 3')).toBe(false);
});

test('CSV columns are found by their name, quoted or empty ones too', () => {
  expect(csvCells('a,"b ""c"", d",,e').slice(0, 4)).toEqual(['a', 'b "c", d', '', 'e']);
  const [row, ...none] = statRows('# svname,scur,last_chk,\nweb-1,3,"L4, refused",\n');
  expect(none).toEqual([]);
  expect([row?.('svname'), row?.('scur'), row?.('last_chk'), row?.('weight')]).toEqual([
    'web-1',
    '3',
    'L4, refused',
    '',
  ]);
});

test('the table of server states is read by its header', () => {
  const reply = '1\n# be_id be_name srv_name srv_op_state\n3 shop web-1 2\n3 shop web-2 0\n';
  expect(stateRows(reply).map((row) => [row('be_id'), row('srv_name'), row('srv_op_state')])).toEqual([
    ['3', 'web-1', '2'],
    ['3', 'web-2', '0'],
  ]);
  expect(stateRows('1\n# be_id be_name')).toEqual([]);
});

describe('the administrative mask', () => {
  test.each([
    [0, 'enabled'],
    [4, 'enabled'],
    [64, 'enabled'],
    [1, 'disabled'],
    [2, 'disabled'],
    [32, 'disabled'],
    [5, 'disabled'],
    [8, 'drained'],
    [16, 'drained'],
    [9, 'disabled'],
  ])('%i means %s', (mask, word) => expect(administrative(mask)).toBe(word));
});
