import { z } from 'zod';
import { absolutePath, relativePath, template } from '../values/text.ts';
import { section } from './section.ts';

export const release = section({
  path: absolutePath
    .pipe(template(['server']))
    .optional()
    .describe(
      'Base folder on every server (`{server}` is replaced); `/srv/<app>` by default. Below it: `releases/<id>`, `shared/`, and a link per slot.',
    ),
  transfer: z
    .enum(['auto', 'rsync', 'scp', 'tar'])
    .default('auto')
    .describe('How files travel. `auto` takes the best that the server has.'),
  keep: z
    .int()
    .min(2, { error: 'must be at least 2: the live release and the one to go back to' })
    .default(5)
    .describe('Releases that stay on a server, the live and the previous one included.'),
  shared: z
    .array(relativePath)
    .default([])
    .describe('Paths below the release that are links into `shared/`, such as uploads.'),
});
