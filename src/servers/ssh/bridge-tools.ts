/** A command that joins its standard input and output with a connection on the machine it runs on. */
export interface BridgeTool {
  readonly name: string;
  /** Scripts for `sh`: a port takes host and port as "$1" and "$2", a socket its path as "$1". Missing where it cannot. */
  readonly port?: string;
  readonly path?: string;
  /** Whether it writes to standard error once it is connected. Of the others a failure shows as an early end. */
  readonly announces: boolean;
}

/** Ends when the other side does, and passes our end on: `shutdown` rather than `close`, so that an answer still comes. */
const python = `exec python3 -S -c 'import os, socket, sys, threading
where = sys.argv[1:]
if len(where) == 2:
    link = socket.create_connection((where[0], int(where[1])))
else:
    link = socket.socket(socket.AF_UNIX)
    link.connect(where[0])
sys.stderr.write("connected\\n")
sys.stderr.flush()
def send():
    while True:
        data = os.read(0, 65536)
        if not data:
            break
        link.sendall(data)
    link.shutdown(socket.SHUT_WR)
sender = threading.Thread(target=send)
sender.daemon = True
sender.start()
while True:
    data = link.recv(65536)
    if not data:
        break
    while data:
        data = data[os.write(1, data):]
os._exit(0)' "$@"`;

const perl = `exec perl -MIO::Socket::INET -MIO::Socket::UNIX -e '
my $link = @ARGV == 2
  ? IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1])
  : IO::Socket::UNIX->new(Peer => $ARGV[0]);
$link or die "$!\\n";
syswrite(STDERR, "connected\\n");
sub copy {
  my ($from, $to) = @_;
  while (sysread($from, my $data, 65536)) {
    for (my $at = 0; $at < length $data; ) {
      my $sent = syswrite($to, $data, length($data) - $at, $at) or return;
      $at += $sent;
    }
  }
}
my $sender = fork;
if ($sender == 0) { copy(*STDIN, $link); shutdown($link, 1); exit }
copy($link, *STDOUT);
kill "KILL", $sender;' "$@"`;

const socketThere = '[ -S "$1" ] || { echo "no socket at $1" >&2; exit 1; }';

/**
 * Best first: those that end when the other side does. nc and socat wait for our end too (nc -U unless the other side is
 * closed in both directions), so a client that reads to the end may wait for long; they are better than nothing.
 */
export const bridgeTools: readonly BridgeTool[] = [
  { name: 'busybox nc', port: 'exec busybox nc "$1" "$2"', announces: false },
  { name: 'nc (BusyBox)', port: 'exec nc "$1" "$2"', announces: false },
  { name: 'perl', port: perl, path: perl, announces: true },
  { name: 'python3', port: python, path: python, announces: true },
  { name: 'nc', port: 'exec nc -N "$1" "$2"', path: `${socketThere}; exec nc -N -U "$1"`, announces: false },
  {
    name: 'socat',
    port: 'exec socat -t 2 - "TCP:$1:$2"',
    // Characters that are syntax in a socat address are taken literally after a backslash.
    path: `${socketThere}; exec socat -t 2 - "UNIX-CONNECT:$(printf %s "$1" | sed 's,[^[:alnum:]/._-],\\\\&,g')"`,
    announces: false,
  },
];

/** Prints the name of every tool that the server has, one a line. */
export const findTools = `
have() { command -v "$1" >/dev/null 2>&1; }
have busybox && busybox nc --help 2>&1 | grep -q 'nc \\[' && echo 'busybox nc'
if have nc; then
  case "$(nc -h 2>&1)" in
    *BusyBox*) echo 'nc (BusyBox)' ;;
    *-N*Shutdown*) echo nc ;;
  esac
fi
have perl && perl -MIO::Socket::INET -MIO::Socket::UNIX -e 1 2>/dev/null && echo perl
have python3 && python3 -S -c '' 2>/dev/null && echo python3
have socat && echo socat
exit 0`;
