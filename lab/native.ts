import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Compiles lab/native/<name>.c into the folder, unless this very source was compiled there before; the program's path. */
export async function compile(name: 'instance' | 'traffic', folder: string): Promise<string> {
  const source = join(import.meta.dirname, 'native', `${name}.c`);
  const hash = createHash('sha256')
    .update(await readFile(source))
    .digest('hex');
  const program = join(folder, `${name}-${hash.slice(0, 12)}`);
  const there = await access(program).then(
    () => true,
    () => false,
  );
  if (there) return program;
  await mkdir(folder, { recursive: true });
  await execute('cc', ['-O2', '-Wall', '-Wextra', '-o', program, source]);
  return program;
}
