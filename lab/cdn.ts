import { type FastlyServer, startFastly } from '../test/cdn/fastly-server.ts';
import { type S3Server, startS3 } from '../test/cdn/s3-server.ts';

/** A store and a cache to purge, and how a fleet file names them. */
export interface LabCdn {
  readonly s3: S3Server;
  readonly fastly: FastlyServer;
  /** The `cdn` section. Assets are the folder `static` of the workspace. */
  readonly section: object;
  /** Credentials, as the step gets them from secrets. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function startLabCdn(): Promise<LabCdn> {
  const service = 'SU1Z0isxPaozGVKXdv0eY';
  const token = 'local-fastly-token';
  const [s3, fastly] = await Promise.all([startS3({ publicRead: true }), startFastly({ service, token })]);
  return {
    s3,
    fastly,
    section: {
      upload: {
        to: `s3://${s3.bucket}/shop`,
        from: 'static',
        endpoint: s3.endpoint,
        region: s3.region,
        verify: `${s3.endpoint}/${s3.bucket}/shop`,
      },
      purge: { provider: 'fastly', service, keys: ['shop-html'], endpoint: fastly.endpoint, 'again-after': '1s' },
    },
    environment: {
      AWS_ACCESS_KEY_ID: s3.keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.keys.secretAccessKey,
      FASTLY_TOKEN: token,
    },
    async close() {
      await Promise.all([s3.close(), fastly.close()]);
    },
  };
}
