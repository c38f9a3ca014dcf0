import { z } from 'zod';

const expected = 'must be a release id: letters, digits, ".", "_" and "-", at most 128, no ".."';

/** An id becomes a folder on servers and a word of a command line: nothing that climbs out of the one or breaks the other. */
export const releaseIdPattern = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export const releaseId = z.string({ error: expected }).regex(releaseIdPattern, { error: expected });
