import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { fleetText, lines, read, reference } from './fleet-text.ts';

const root = join(import.meta.dirname, '../..');
const examples = join(root, 'examples/fleet');
const files = (await readdir(examples)).filter((name) => name.endsWith('.yml'));
const schema = z
  .record(z.string(), z.unknown())
  .parse(JSON.parse(await readFile(join(root, 'schema/fleetflip.schema.json'), 'utf8')));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);

const environment = {
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example-secret',
  FASTLY_TOKEN: 'example-token',
  NAME: 'name',
  ADDRESS: 'https://x.example.com/',
};

const accepts = (text: string): boolean => validate(parse(text)) === true;

describe('examples', () => {
  it('are there', () => expect(files.length).toBeGreaterThanOrEqual(5));

  it.each(files)('%s is right, for the parser and for the schema', async (name) => {
    const text = await readFile(join(examples, name), 'utf8');
    expect(lines(read(text, environment))).toEqual([]);
    expect(accepts(text), JSON.stringify(validate.errors)).toBe(true);
  });
});

describe('the JSON Schema', () => {
  const right: Readonly<Record<string, string>>[] = [
    {},
    { servers: 'servers: ["web-[1-2]", { name: web-3, address: "::1", port: 2222 }]' },
    {
      instances:
        'instances: { slots: { blue: { servers: web-1, ports: 1 }, green: { servers: ["web-[2-4]"], ports: [1, 3-4] } } }',
    },
    { process: 'process: { manager: command, restart: a, stop: b, status: c }' },
    { health: 'health: { release-header: false }' },
    { balancers: 'balancers: [{ driver: http, url: "http://x/" }, { name: y, backend: b }]' },
    { strategy: 'strategy: { keep-old: 10m, min-capacity: 2, drain: 0s }' },
    {
      witness: `witness: { url: "${reference('ADDRESS')}" }`,
      release: `release: { path: "/srv/${reference('NAME')}" }`,
    },
  ];
  const wrong: Readonly<Record<string, string>>[] = [
    { app: '' },
    { hooks: 'hooks: {}' },
    { servers: 'servers: []' },
    { servers: 'servers: [{ nam: x }]' },
    { instances: 'instances: { slots: { blue: 1 } }' },
    { process: 'process: { manager: command }' },
    { process: 'process: { manager: systemd }' },
    { release: 'release: { keep: 1 }' },
    { release: 'release: { transfer: ftp }' },
    { budget: 'budget: 5' },
    { budget: 'budget: 5 s' },
    { balancers: 'balancers: []' },
  ];

  it.each(right)('accepts what the parser accepts: %j', (sections) => {
    const text = fleetText(sections);
    expect(lines(read(text, environment))).toEqual([]);
    expect(accepts(text), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each(wrong)('refuses with the parser: %j', (sections) => {
    const text = fleetText(sections);
    expect(lines(read(text, environment))).not.toEqual([]);
    expect(accepts(text)).toBe(false);
  });
});
