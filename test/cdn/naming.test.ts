import { expect, test } from 'vitest';
import { cacheControl, contentType, isHashed, uploadWaves } from '../../src/cdn/naming.ts';

test.each([
  'assets/index-DfG3k_1a.js', // Vite, Rollup
  'assets/index-DfG3k-1a.css.map',
  'chunk-QWERTY12.js', // esbuild
  'static/js/main.0a1b2c3d4e5f60718293.chunk.js', // webpack
  'css/base.5af3e2a1b9c0.css', // Django
  'logo.1a2b3c4d.png', // Parcel
  '_next/static/chunks/117-3cbb6d2d1a4f5e6b.js', // Next
  'r/246f92c0c1d2e3f4a5b6c7d8e9f00112233445566/logo.png', // a release in the path
  '0a1b2c3d.woff2',
])('%s is taken to be for ever', (key) => {
  expect(isHashed(key)).toBe(true);
});

test.each([
  'index.html',
  'app.js',
  'favicon.ico',
  'app-settings.js',
  'jquery-3.7.1.min.js',
  'report-20241231.pdf', // digits only: a date
  'deadbeef.png', // letters only: a word
  'guide-chapter2.png',
  'userProfilePage.js',
  'my-userProfile.js',
  'photo-Birthday.jpg',
])('%s may change', (key) => {
  expect(isHashed(key)).toBe(false);
});

const immutable = 'public, max-age=31536000, immutable';

test.each([
  ['main.0a1b2c3d.js', immutable, immutable],
  ['logo.png', immutable, 'no-cache'],
  ['logo.png', 'public, max-age=300', 'public, max-age=300'],
  ['index.html', 'public, max-age=300', 'no-cache'],
  ['about/INDEX.HTM', immutable, 'no-cache'],
  ['page.0a1b2c3d.html', immutable, 'no-cache'],
  ['site.webmanifest', 'max-age=300', 'no-cache'],
  ['.vite/manifest.json', 'max-age=300', 'no-cache'],
  ['asset-manifest.json', 'max-age=300', 'no-cache'],
  ['sw.js', 'max-age=300', 'no-cache'],
  ['service-worker.js', 'max-age=300', 'no-cache'],
  ['data/prices.json', 'max-age=300', 'max-age=300'],
])('%s configured as "%s" is cached as "%s"', (key, configured, expected) => {
  expect(cacheControl(key, configured)).toBe(expected);
});

test.each([
  ['a.JS', 'text/javascript; charset=utf-8'],
  ['a.min.css', 'text/css; charset=utf-8'],
  ['a.woff2', 'font/woff2'],
  ['a.wasm', 'application/wasm'],
  ['folder.js/file', 'application/octet-stream'],
  ['.html', 'text/html; charset=utf-8'],
  ['LICENSE', 'application/octet-stream'],
  ['a.constructor', 'application/octet-stream'],
])('%s is served as %s', (key, expected) => {
  expect(contentType(key)).toBe(expected);
});

test('every asset is in exactly one wave, in the order of what refers to what', () => {
  const keys = [
    'index.html',
    'app.js',
    'logo.png',
    'chunk-DfG3k_1a.js',
    'manifest.json',
    'a.0a1b2c3d.css',
    'data.json',
  ];
  const waves = uploadWaves(keys.map((key) => ({ key, path: `/${key}`, size: 1, sha256: '' })));
  expect(waves.map((wave) => wave.map(({ key }) => key))).toEqual([
    ['logo.png', 'data.json'],
    ['chunk-DfG3k_1a.js', 'a.0a1b2c3d.css'],
    ['app.js'],
    ['index.html', 'manifest.json'],
  ]);
});
