import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generated } from './generated.ts';

/** Writes every file that is made from src/inputs: `npm run generate`. */
const root = join(import.meta.dirname, '..');
for (const [path, text] of Object.entries(generated())) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
