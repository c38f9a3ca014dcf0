import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { opensshEd25519 } from '../src/servers/ssh/openssh-key.ts';
import { marker, startDaemon, until } from './daemons.ts';
import type { Place } from './network.ts';
import type { Registration } from './registry.ts';

export interface KeyPair {
  /** OpenSSH format. */
  readonly private: string;
  /** One line: type and key. */
  readonly public: string;
}

/** By Node: one in 200 pairs of ssh2's own generator cannot be read, not by itself nor by OpenSSH. */
export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([wire('ssh-ed25519'), wire(Buffer.from(x, 'base64url'))]);
  return { private: opensshEd25519(privateKey), public: `ssh-ed25519 ${blob.toString('base64')}` };
}

/** A string as RFC 4251, section 5, has it. */
function wire(value: string | Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
}

/** Starts OpenSSH's server at a place; its line for known_hosts. */
export async function startSshd(
  lab: Registration,
  place: Place,
  { folder, clientKey }: { folder: string; clientKey: string },
): Promise<string> {
  const file = (name: string) => join(folder, name);
  const hostKey = makeKeyPair();
  await writeFile(file('ssh_host_ed25519_key'), hostKey.private, { mode: 0o600 });
  await writeFile(file('authorized_keys'), `${clientKey}\n`, { mode: 0o600 });
  await writeFile(file('sshd_config'), configuration(lab, place, file));
  // Privilege separation wants this folder, which the system's service would make.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const argv = [...place.enter, '/usr/sbin/sshd', '-D', '-e', '-f', file('sshd_config')];
  const daemon = startDaemon(lab, argv, file('sshd.log'));
  await until(`the SSH server of ${place.name}`, daemon, () => accepts(place.sshPort, place.address));
  const host = place.sshPort === 22 ? place.address : `[${place.address}]:${place.sshPort}`;
  return `${host} ${hostKey.public}`;
}

/**
 * A home of its own: bash reads `.bashrc` for every command that comes from sshd, and that of whoever runs the lab may be slow.
 * Debian's defaults as far as a client notices, key authentication only.
 */
const configuration = (lab: Registration, { address, sshPort }: Place, file: (name: string) => string): string => `\
ListenAddress ${address}
Port ${sshPort}
HostKey ${file('ssh_host_ed25519_key')}
AuthorizedKeysFile ${file('authorized_keys')}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100:30:200
Subsystem sftp internal-sftp
SetEnv ${marker}="${lab.entry.folder}" HOME="${file('')}"
`;

const accepts = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
