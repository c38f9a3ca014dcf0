import { foreignWords } from '../foreign-words.ts';
import type { HealthConfig } from '../inputs/config.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Server } from '../servers/port.ts';
import { type Answer, answerOf } from './answer.ts';
import type { Asking } from './probe.ts';

/**
 * Asks the ports "$4" … of 127.0.0.1 for the path "$3" of host "$2", each within "$1" seconds, all at once. Every line of an
 * answer is printed behind its port, so no answer can pass for another's. Ends with 127 where there is no tool for it;
 * BusyBox's wget is none, for it crashes where it is given a time (1.35).
 */
const script = `seconds=$1 host=$2 path=$3; shift 3
line_end=$(printf '\\r')
raw() { printf 'GET %s HTTP/1.0\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$path" "$host"; }
have() { command -v "$1" >/dev/null 2>&1; }
if have curl; then
  ask() { curl -q -g -s -S -i -m "$seconds" --noproxy '*' -H "Host: $host" "http://127.0.0.1:$1$path"; }
elif have nc; then
  ask() { raw | nc -w "$seconds" 127.0.0.1 "$1"; }
elif have busybox && busybox nc --help >/dev/null 2>&1; then
  ask() { raw | busybox nc -w "$seconds" 127.0.0.1 "$1"; }
elif have perl; then
  ask() { raw | perl -MIO::Socket::INET -e '
    alarm $ARGV[0];
    my $link = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[1]) or die "$!\\n";
    print $link join("", <STDIN>);
    print while <$link>;' "$seconds" "$1"; }
elif have python3; then
  ask() { raw | python3 -S -c 'import socket, sys
link = socket.create_connection(("127.0.0.1", int(sys.argv[2])), float(sys.argv[1]))
link.sendall(sys.stdin.buffer.read())
while True:
    data = link.recv(65536)
    if not data: break
    sys.stdout.buffer.write(data)' "$seconds" "$1"; }
elif have socat; then
  ask() { raw | socat -t "$seconds" -T "$seconds" - "TCP:127.0.0.1:$1"; }
elif wget --version >/dev/null 2>&1; then
  ask() { wget -q -S -O - -T "$seconds" -t 1 --header="Host: $host" "http://127.0.0.1:$1$path" 2>&1 | sed 's/^  //'; }
else
  exit 127
fi
for port; do
  { ask "$port" 2>&1 | head -c 3000 | tr -d "$line_end" | sed "s/^/$port /"; echo; } &
done
wait`;

/** For servers that forward nothing, where each connection would be a command of its own. One answer a port, in their order. */
export async function probeByCommand(
  server: Server,
  ports: readonly number[],
  { health, withinMs }: Asking,
): Promise<Result<readonly Answer[]>> {
  const seconds = Math.max(1, Math.ceil(withinMs / 1000));
  const args = [String(seconds), health.host ?? 'localhost', health.path, ...ports.map(String)];
  const ran = await server.run({ script, args, deadlineMs: withinMs + 10_000 });
  if (!ran.ok) return ran;
  if (ran.value.code === 127)
    return fail({
      what: 'nothing on the server can ask an instance',
      where: server.name,
      advice: 'install one of curl, nc, perl, python3, wget; or let sshd forward (AllowTcpForwarding local)',
    });
  const lines = linesByPort(ran.value.stdout);
  return ok(ports.map((port) => readAnswer(lines.get(port) ?? [], health)));
}

function linesByPort(output: string): ReadonlyMap<number, readonly string[]> {
  const byPort = new Map<number, string[]>();
  for (const line of output.split('\n')) {
    const [, port, text = ''] = /^(\d+) (.*)$/.exec(line) ?? [];
    if (port === undefined) continue;
    const lines = byPort.get(Number(port)) ?? [];
    lines.push(text);
    byPort.set(Number(port), lines);
  }
  return byPort;
}

/** Status line, headers, an empty line, body. wget tells only the status line of a bad answer, amidst words of its own. */
function readAnswer(lines: readonly string[], health: HealthConfig): Answer {
  const first = lines.findIndex((line) => /HTTP\/\d/.test(line));
  const [, status, statusText = ''] = /HTTP\/\d\S* (\d{3}) ?(.*)$/.exec(lines[first] ?? '') ?? [];
  if (status === undefined) return { answered: false, words: foreignWords(refusalOf(lines.join(' '))) };
  const rest = lines.slice(first + 1);
  const end = rest.findIndex((line) => !/^[\w-]+:/.test(line));
  const headers = end === -1 ? rest : rest.slice(0, end);
  const body = end === -1 ? '' : rest.slice(end).join('\n');
  const prefix = `${health.releaseHeader?.toLowerCase()}:`;
  const named = headers.find((line) => line.toLowerCase().startsWith(prefix))?.slice(prefix.length);
  const response = { status: Number(status), statusText, body, ...(named !== undefined && { releaseHeader: named }) };
  return answerOf(response, health);
}

const refusalOf = (words: string): string =>
  words.trim() === '' || /refused|couldn't connect|failed to connect/i.test(words) ? 'connection refused' : words;
