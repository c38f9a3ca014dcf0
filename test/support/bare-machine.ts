import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Programs {
  /** BusyBox's applets that this machine does without; `busybox` itself is one of them. */
  readonly without?: readonly string[];
  /** Programs of the machine that the test runs on. */
  readonly tools?: readonly string[];
  /** Shell scripts, which take the place of applets: name → text. */
  readonly scripts?: Readonly<Record<string, string>>;
}

/** The programs of a machine that has BusyBox and next to nothing else. */
export interface BareMachine extends AsyncDisposable {
  /** Folder with all its programs. */
  readonly bin: string;
  /** BusyBox under its own name, whether the machine has that name or not. */
  readonly busybox: string;
}

export async function bareMachine({ without = [], tools = [], scripts = {} }: Programs = {}): Promise<BareMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetflip-bare-'));
  // Readable for the user that an SSH server separates itself into.
  await chmod(folder, 0o755);
  const [bin, busybox] = [join(folder, 'bin'), join(folder, 'busybox')];
  await mkdir(bin);
  await copyFile(await systemProgram('busybox'), busybox);
  await execute(busybox, ['--install', '-s', bin]);
  await symlink(busybox, join(bin, 'busybox')).catch(() => {});
  const absent = new Set([...without, ...Object.keys(scripts)]);
  for (const name of await readdir(bin)) if (absent.has(name)) await unlink(join(bin, name));
  for (const tool of tools) await copyFile(await systemProgram(tool), join(bin, tool));
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!${busybox} sh\n${text}`, { mode: 0o755 });
  }
  return { bin, busybox, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** An `mv` without GNU's -T and BSD's -h. */
export const plainMv = 'case $1 in -*[Th]*) echo "mv: invalid option $1" >&2; exit 1 ;; esac\nexec busybox mv "$@"\n';

/** The system's own program, not a wrapper of this machine's user. */
async function systemProgram(name: string): Promise<string> {
  const env = { PATH: '/usr/bin:/bin' };
  return (await execute('sh', ['-c', 'command -v "$1"', 'find', name], { env })).stdout.trim();
}

/** What a program sees in place of this machine's own; everything else it sees as it is. */
export interface View {
  /** Home of the user who runs the test, as /etc/passwd has it. */
  readonly home: string;
  /** Folder in place of /usr/bin (and so of /bin, which is a link to it); the login shell is `/bin/sh` then. */
  readonly bin?: string;
}

/** What `unshare` takes to start a program in a mount namespace of its own, which needs root. */
export async function within({ home, bin }: View, argv: readonly string[]): Promise<readonly string[]> {
  const passwd = join(home, 'passwd');
  const { username } = userInfo();
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => {
    const fields = line.split(':');
    return fields[0] === username ? [...fields.slice(0, 5), home, bin ? '/bin/sh' : fields[6]].join(':') : line;
  });
  await writeFile(passwd, lines.join('\n'), { mode: 0o644 });
  const mounts = 'mount --bind "$1" /etc/passwd && { [ -z "$2" ] || mount --bind "$2" /usr/bin; }';
  return ['-m', 'sh', '-c', `${mounts} && shift 2 && exec "$@"`, 'view', passwd, bin ?? '', ...argv];
}
