import type { CdnConfig } from '../config.ts';
import type { FleetFile } from '../file/fleet-file.ts';
import type { References } from '../references.ts';

type Written = NonNullable<FleetFile['cdn']>;

/** Credentials that are not referred to in the file are looked up by the names that their tools give them. */
export function resolveCdn({ upload, purge }: Written, environment: References): CdnConfig {
  return {
    ...(upload === undefined ? {} : { upload: resolveUpload(upload, environment) }),
    ...(purge === undefined ? {} : { purge: resolvePurge(purge, environment) }),
  };
}

function resolveUpload(
  written: NonNullable<Written['upload']>,
  environment: References,
): NonNullable<CdnConfig['upload']> {
  const { to, from, region, verify } = written;
  const path = ['cdn', 'upload'];
  const sessionToken =
    written['session-token'] ??
    (written['access-key-id'] === undefined ? environment.optional('AWS_SESSION_TOKEN') : undefined);
  return {
    ...to,
    from,
    region,
    endpoint: written.endpoint ?? `https://s3.${region}.amazonaws.com`,
    cacheControl: written['cache-control'],
    accessKeyId: written['access-key-id'] ?? environment.variable('AWS_ACCESS_KEY_ID', path),
    secretAccessKey: written['secret-access-key'] ?? environment.variable('AWS_SECRET_ACCESS_KEY', path),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(verify === undefined ? {} : { verify }),
  };
}

const resolvePurge = (
  written: NonNullable<Written['purge']>,
  environment: References,
): NonNullable<CdnConfig['purge']> => ({
  provider: written.provider,
  service: written.service,
  keys: written.keys,
  token: written.token ?? environment.variable('FASTLY_TOKEN', ['cdn', 'purge']),
  endpoint: written.endpoint,
  againAfterMs: written['again-after'],
});
