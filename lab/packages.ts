import { execFile } from 'node:child_process';
import { access, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Debian package → a file that it brings. */
type Packages = Readonly<Record<string, string>>;

/** What the lab is made of. */
const labPackages: Packages = {
  'openssh-server': '/usr/sbin/sshd',
  supervisor: '/usr/bin/supervisord',
  haproxy: '/usr/sbin/haproxy',
  iproute2: '/sbin/ip',
  rsync: '/usr/bin/rsync',
  gcc: '/usr/bin/cc',
  'libc6-dev': '/usr/include/stdio.h',
  socat: '/usr/bin/socat',
  busybox: '/bin/busybox',
  'dropbear-bin': '/usr/sbin/dropbear',
  'python3-tornado': '/usr/lib/python3/dist-packages/tornado/__init__.py',
};

/** What only the tests need: login shells and tools that a server may have. */
export const testPackages: Packages = {
  zsh: '/usr/bin/zsh',
  tcsh: '/usr/bin/tcsh',
  csh: '/usr/bin/bsd-csh',
  fish: '/usr/bin/fish',
  curl: '/usr/bin/curl',
  wget: '/usr/bin/wget',
  openssl: '/usr/bin/openssl',
  perl: '/usr/bin/perl',
  'netcat-openbsd': '/usr/bin/nc.openbsd',
};

/** What only the benchmarks need, to compare with. */
export const benchPackages: Packages = { ansible: '/usr/bin/ansible-playbook' };

/** Packages of the lab, and others that are wanted, whose files are not on this machine. */
export async function missingPackages(others: Packages = {}): Promise<string[]> {
  const found = await Promise.all(
    Object.entries({ ...labPackages, ...others }).map(async ([name, file]) => ((await exists(file)) ? [] : [name])),
  );
  return found.flat();
}

/**
 * Brings the servers that the lab and the tests use, where this is root on Debian or Ubuntu; elsewhere it changes nothing.
 * Their services are not started: the lab starts its own copies in its own folder. Resolves to what is still missing.
 */
export async function installPackages(others: Packages = {}): Promise<string[]> {
  const missing = await missingPackages(others);
  if (missing.length === 0 || userInfo().uid !== 0 || !(await exists('/usr/bin/apt-get'))) return missing;
  console.log(`Installing Debian packages: ${missing.join(', ')}`);
  const policy = await holdBackServices();
  try {
    await aptGet(['update', '-q']);
    await aptGet(['install', '-y', '-q', '--no-install-recommends', ...missing]);
  } catch (error) {
    console.warn(`apt-get failed: ${error instanceof Error ? error.message : error}`);
  } finally {
    await policy.undo();
  }
  return missingPackages(others);
}

const aptGet = (args: readonly string[]) =>
  execute('apt-get', [...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
  });

/** Debian starts a service as soon as it is installed, unless this program says no (exit code 101, policy-rc.d(8)). */
async function holdBackServices(): Promise<{ undo(): Promise<void> }> {
  const file = '/usr/sbin/policy-rc.d';
  if (await exists(file)) return { undo: async () => {} };
  await writeFile(file, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return { undo: () => rm(file, { force: true }) };
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
