/*
 * The lab's users, and its independent witness: shares no code with what it judges.
 *
 *   traffic TARGETS PATH OUTPUT KEEP_ALIVE CLOSING THINK_MS RATE SECONDS
 *
 * TARGETS is host:port[,host:port]; clients are spread over them. KEEP_ALIVE clients hold their connection, CLOSING ones
 * open one per request; each waits THINK_MS after an answer; all together send at most RATE requests a second. Ends on
 * SIGINT, SIGTERM, the end of standard input, or after SECONDS; requests in flight are finished first (5 s at most).
 * Prints "ready" after the first good answer, or "no answer" after 5 s without one.
 *
 * A kept connection that the server closes between two requests is opened again, as every client does. One that is
 * closed after a request was sent on it and before one byte of an answer is tried again once on a new connection
 * (RFC 9112, 9.3.1 allows that for GET) and the retry is counted in the record. Anything else is a failure.
 *
 * OUTPUT: a line per release that was seen, an empty line, then 24-byte little-endian records:
 *   u64 start ns, u64 end ns (CLOCK_MONOTONIC), i16 status (0: no complete answer), u16 error (errno; EPROTO for a cut
 *   or senseless answer), u16 release (its line, from 1; 0: none was named), u8 retries, u8 1 for a closing client.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CLIENTS = 1000, MAX_TARGETS = 8, MAX_RELEASES = 64, ANSWER_SIZE = 65536 };
static const int64_t SECOND = 1000000000, REQUEST_LIMIT = 30 * SECOND, END_LIMIT = 5 * SECOND;

struct record {
  uint64_t start, end;
  int16_t status;
  uint16_t error, release;
  uint8_t retries, closing;
};

struct client {
  int fd; /* -1: no connection */
  enum { RESTING, CONNECTING, WAITING } state;
  bool closing, reused;
  uint8_t retries;
  int64_t start, next;
  const struct sockaddr_in *target;
  size_t used;
  char *answer;
};

static struct client clients[MAX_CLIENTS];
static int client_count;
static struct sockaddr_in targets[MAX_TARGETS];
static struct record *records;
static size_t record_count, record_space;
static char releases[MAX_RELEASES][128];
static int release_count;
static char requests[2][512];
static int64_t think, spacing, earliest;
static volatile sig_atomic_t ended;

static void end(int signal) {
  (void)signal;
  ended = 1;
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

static uint16_t release_line(const char *answer) {
  const char *header = strcasestr(answer, "\r\nx-release:");
  char name[128];
  if (!header || sscanf(header + 12, " %127s", name) != 1) return 0;
  for (int i = 0; i < release_count; i++) {
    if (strcmp(releases[i], name) == 0) return (uint16_t)(i + 1);
  }
  if (release_count == MAX_RELEASES) return 0;
  strcpy(releases[release_count++], name);
  return (uint16_t)release_count;
}

static void disconnect(struct client *client) {
  if (client->fd >= 0) close(client->fd);
  client->fd = -1;
}

static void finish(struct client *client, int status, int error) {
  if (record_count == record_space) {
    record_space = record_space ? record_space * 2 : 65536;
    records = realloc(records, record_space * sizeof *records);
    if (!records) exit(1);
  }
  int64_t now = now_ns();
  client->answer[client->used] = '\0';
  records[record_count++] = (struct record){.start = (uint64_t)client->start,
                                            .end = (uint64_t)now,
                                            .status = (int16_t)status,
                                            .error = (uint16_t)error,
                                            .release = status ? release_line(client->answer) : 0,
                                            .retries = client->retries,
                                            .closing = client->closing};
  client->state = RESTING;
  client->next = now + think;
}

static void give_up(struct client *client, int error) {
  disconnect(client);
  finish(client, 0, error);
}

static void send_request(struct client *client) {
  const char *text = requests[client->closing];
  client->state = WAITING;
  client->used = 0;
  /* A refused send shows as a closed connection when it is read. */
  send(client->fd, text, strlen(text), MSG_NOSIGNAL);
}

static void open_connection(struct client *client) {
  client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  client->reused = false;
  int on = 1;
  setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  client->state = CONNECTING;
  if (connect(client->fd, (const struct sockaddr *)client->target, sizeof *client->target) < 0 && errno != EINPROGRESS) {
    give_up(client, errno);
  }
}

static void begin(struct client *client, int64_t now) {
  client->start = now;
  client->retries = 0;
  if (client->fd < 0) return open_connection(client);
  client->reused = true;
  send_request(client);
}

/* The connection ended while an answer was awaited. */
static void lost(struct client *client, int error) {
  bool again = client->reused && client->used == 0 && client->retries == 0;
  if (!again) return give_up(client, error);
  disconnect(client);
  client->retries++;
  open_connection(client);
}

/* Length of a complete answer, 0 while it is incomplete, -1 where only the end of the connection ends it. */
static long answer_length(struct client *client) {
  client->answer[client->used] = '\0';
  char *body = strstr(client->answer, "\r\n\r\n");
  if (!body) return 0;
  char *header = strcasestr(client->answer, "\r\ncontent-length:");
  if (!header || header > body) return -1;
  long length = body + 4 - client->answer + strtol(header + 17, NULL, 10);
  return (long)client->used >= length ? length : 0;
}

static void complete(struct client *client) {
  int status = 0;
  bool understood = sscanf(client->answer, "HTTP/1.%*1[01] %d", &status) == 1;
  char *body = strstr(client->answer, "\r\n\r\n"), *header = strcasestr(client->answer, "\r\nconnection: close");
  bool closes = client->closing || (header && header < body);
  if (closes || !understood) disconnect(client);
  finish(client, understood ? status : 0, understood ? 0 : EPROTO);
}

static void read_answer(struct client *client) {
  ssize_t count = recv(client->fd, client->answer + client->used, ANSWER_SIZE - 1 - client->used, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count < 0) return lost(client, errno);
  if (count == 0) {
    if (client->used == 0) return lost(client, ECONNRESET);
    if (answer_length(client) != -1) return give_up(client, EPROTO);
    disconnect(client);
    return complete(client);
  }
  client->used += (size_t)count;
  long length = answer_length(client);
  if (length > 0) complete(client);
  else if (client->used == ANSWER_SIZE - 1) give_up(client, EPROTO);
}

static void proceed(struct client *client) {
  if (client->state == WAITING) return read_answer(client);
  if (client->state == RESTING) return disconnect(client); /* closed by the server between two requests */
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) give_up(client, error);
  else send_request(client);
}

/* Begins what is due within the rate; nanoseconds until somebody has something to do. */
static int64_t begin_due(int64_t now, bool ending) {
  int64_t soonest = SECOND / 10;
  for (int i = 0; i < client_count; i++) {
    struct client *client = &clients[i];
    if (client->state != RESTING) {
      if (now - client->start > REQUEST_LIMIT) give_up(client, ETIMEDOUT);
      continue;
    }
    if (ending) continue;
    int64_t at = client->next > earliest ? client->next : earliest;
    if (at <= now) {
      earliest = (now - earliest > SECOND / 100 ? now : earliest) + spacing;
      begin(client, now);
    } else if (at - now < soonest) {
      soonest = at - now;
    }
  }
  return soonest;
}

static int in_flight(void) {
  int count = 0;
  for (int i = 0; i < client_count; i++) count += clients[i].state != RESTING;
  return count;
}

static void report_first_answer(int64_t begun) {
  static size_t looked_at;
  static bool reported;
  for (; !reported && looked_at < record_count; looked_at++) {
    if (records[looked_at].status == 200) reported = true, puts("ready"), fflush(stdout);
  }
  if (!reported && now_ns() - begun > 5 * SECOND) reported = true, puts("no answer"), fflush(stdout);
}

static void run(int64_t limit) {
  static struct pollfd polled[MAX_CLIENTS + 1];
  int64_t begun = now_ns(), ended_at = 0;
  while (!ended_at || (in_flight() > 0 && now_ns() - ended_at < END_LIMIT)) {
    int64_t now = now_ns();
    if (!ended_at && (ended || now - begun > limit)) ended_at = now;
    int64_t wait = begin_due(now, ended_at != 0);
    for (int i = 0; i < client_count; i++) {
      polled[i] = (struct pollfd){.fd = clients[i].fd, .events = clients[i].state == CONNECTING ? POLLOUT : POLLIN};
    }
    polled[client_count] = (struct pollfd){.fd = ended_at ? -1 : STDIN_FILENO, .events = POLLIN};
    struct timespec pause = {.tv_sec = wait / SECOND, .tv_nsec = wait % SECOND};
    if (ppoll(polled, (nfds_t)client_count + 1, &pause, NULL) < 0) continue;
    for (int i = 0; i < client_count; i++) {
      if (polled[i].revents) proceed(&clients[i]);
    }
    char ignored[64];
    if (polled[client_count].revents && read(STDIN_FILENO, ignored, sizeof ignored) <= 0) ended = 1;
    report_first_answer(begun);
  }
  for (int i = 0; i < client_count; i++) {
    if (clients[i].state != RESTING) give_up(&clients[i], ETIMEDOUT);
  }
}

static bool save(const char *path) {
  FILE *file = fopen(path, "w");
  if (!file) return false;
  for (int i = 0; i < release_count; i++) fprintf(file, "%s\n", releases[i]);
  fputc('\n', file);
  fwrite(records, sizeof *records, record_count, file);
  return fclose(file) == 0;
}

static int parse_targets(char *text) {
  int count = 0;
  for (char *one = strtok(text, ","); one && count < MAX_TARGETS; one = strtok(NULL, ",")) {
    char host[64];
    int port;
    if (sscanf(one, "%63[0-9.]:%d", host, &port) != 2) return 0;
    targets[count] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &targets[count].sin_addr) != 1) return 0;
    count++;
  }
  return count;
}

static void make_clients(int keep_alive, int closing, int target_count) {
  client_count = keep_alive + closing < MAX_CLIENTS ? keep_alive + closing : MAX_CLIENTS;
  int64_t now = now_ns();
  for (int i = 0; i < client_count; i++) {
    /* Spread over the think time, so that they do not move in step. */
    clients[i] = (struct client){.fd = -1,
                                 .closing = i >= keep_alive,
                                 .next = now + think * i / client_count,
                                 .target = &targets[i % target_count],
                                 .answer = malloc(ANSWER_SIZE)};
    if (!clients[i].answer) exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc != 9) return fprintf(stderr, "usage: traffic TARGETS PATH OUTPUT KEEP_ALIVE CLOSING THINK_MS RATE SECONDS\n"), 2;
  char host[128];
  snprintf(host, sizeof host, "%s", argv[1]);
  strtok(host, ",");
  snprintf(requests[0], sizeof requests[0], "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", argv[2], host);
  snprintf(requests[1], sizeof requests[1], "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", argv[2], host);
  int target_count = parse_targets(argv[1]);
  int rate = atoi(argv[7]);
  if (target_count == 0 || rate <= 0) return fprintf(stderr, "TARGETS or RATE makes no sense\n"), 2;
  think = atol(argv[6]) * 1000000;
  spacing = SECOND / rate;
  earliest = now_ns();
  make_clients(atoi(argv[4]), atoi(argv[5]), target_count);
  struct sigaction action = {.sa_handler = end};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  run(atol(argv[8]) * SECOND);
  return save(argv[3]) ? 0 : (perror(argv[3]), 1);
}
