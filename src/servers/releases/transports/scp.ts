import { join } from 'node:path';
import type { Transport } from './transport.ts';

/** File by file through SFTP, the protocol that scp(1) speaks since OpenSSH 9. Needs nothing on the server but sshd. */
export const sendByScp: Transport = ({ server, shipment, files, tree, onSent }) => {
  const uploads = files.map((file) => ({
    from: join(shipment.source, file.path),
    to: `${tree}/${file.path}`,
    mode: file.executable ? 0o755 : 0o644,
  }));
  let bytes = 0;
  let complete = 0;
  let nextAt = files[0]?.size ?? 0;
  return server.upload(uploads, (more) => {
    bytes += more;
    while (complete < files.length && bytes >= nextAt) {
      complete += 1;
      nextAt += files[complete]?.size ?? 0;
    }
    onSent({ files: complete, bytes });
  });
};
