import { defineConfig, type Plugin } from 'rolldown';

/**
 * ssh2 and cpu-features load native add-ons and do without them where loading throws. A bundle that found the add-ons of whoever
 * runs it would behave differently there, so it finds none anywhere.
 */
const withoutAddons: Plugin = {
  name: 'without-addons',
  resolveId: { filter: { id: /^cpu-features$|\.node$/ }, handler: () => 'addon' },
  load: { filter: { id: /^addon$/ }, handler: () => 'throw new Error("built without native add-ons");' },
};

export default defineConfig({
  input: { main: 'src/main.ts', post: 'src/post.ts', cli: 'src/cli.ts' },
  platform: 'node',
  plugins: [withoutAddons],
  // ssh2 looks for a Windows program beside itself as it is loaded, and a module has no __dirname.
  transform: { define: { __dirname: 'import.meta.dirname' } },
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] },
  },
});
