/*
 * The application that the lab's fleet runs: a small HTTP/1.1 server that stands for a process of a real one.
 *
 *   bin/serve PORT [ADDRESS]
 *
 * It is part of the release: it finds the release by its own path (links resolved once, at the start, like an
 * application that has loaded its code) and does what the release's files say:
 *   RELEASE   the id it answers as X-Release and as the body
 *   app.conf  lines of  start-delay-ms=N  |  start=crash  |  health=sick
 *
 *   /healthz     200, or 500 where the release is sick
 *   /slow?ms=N   answers after N milliseconds
 *   /busy        how many requests it is working on, itself not counted
 *   other paths  200 (500 where sick)
 *
 * SIGTERM: stops accepting, finishes what it has, closes idle connections, exits 0.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
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

enum { MAX_CONNECTIONS = 1000, REQUEST_SIZE = 8192 };

struct connection {
  int fd;
  size_t used;
  bool working;   /* a /slow request is being answered */
  bool last;      /* the client asked to close after this answer */
  int64_t due_ms; /* when the /slow answer is due */
  char request[REQUEST_SIZE + 1];
};

static char release[128] = "none";
static bool sick, crash;
static long start_delay_ms;
static struct connection *connections[MAX_CONNECTIONS];
static int connection_count;
static volatile sig_atomic_t stopping;

static void stop(int signal) {
  (void)signal;
  stopping = 1;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Opens a file of the release: two folders up from bin/serve. */
static FILE *open_release_file(const char *name) {
  char path[PATH_MAX + 32];
  ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
  if (length < 0) return NULL;
  path[length] = '\0';
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(path, '/');
    if (slash) *slash = '\0';
  }
  strcat(path, "/");
  strncat(path, name, 31);
  return fopen(path, "r");
}

static void read_release(void) {
  FILE *file = open_release_file("RELEASE");
  if (file) {
    if (fscanf(file, "%127s", release) != 1) strcpy(release, "none");
    fclose(file);
  }
  file = open_release_file("app.conf");
  if (!file) return;
  char line[128];
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "start-delay-ms=%ld", &start_delay_ms) == 1) continue;
    if (strncmp(line, "start=crash", 11) == 0) crash = true;
    if (strncmp(line, "health=sick", 11) == 0) sick = true;
  }
  fclose(file);
}

static int listen_on(int port, const char *address) {
  struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (inet_pton(AF_INET, address, &where.sin_addr) != 1) return -1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&where, sizeof where) < 0 || listen(fd, 511) < 0) return -1;
  return fd;
}

static void drop(int index) {
  close(connections[index]->fd);
  free(connections[index]);
  connections[index] = connections[--connection_count];
}

static int busy(void) {
  int count = 0;
  for (int i = 0; i < connection_count; i++) count += connections[i]->working;
  return count;
}

/* An answer is far smaller than an empty socket buffer, and there is one at a time: a short write means a dead client. */
static bool answer(struct connection *connection, int status, const char *body) {
  bool closing = connection->last || stopping;
  char text[512];
  int length = snprintf(text, sizeof text,
                        "HTTP/1.1 %d %s\r\nX-Release: %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n%s\r\n%s",
                        status, status == 200 ? "OK" : "Internal Server Error", release, strlen(body),
                        closing ? "Connection: close\r\n" : "", body);
  return send(connection->fd, text, (size_t)length, MSG_NOSIGNAL) == length && !closing;
}

static bool answer_release(struct connection *connection) {
  char body[160];
  snprintf(body, sizeof body, "%s\n", release);
  return answer(connection, sick ? 500 : 200, body);
}

/* Takes one complete request from the buffer. False: the connection is to be closed. */
static bool handle(struct connection *connection, bool *handled) {
  *handled = false;
  connection->request[connection->used] = '\0';
  char *end = strstr(connection->request, "\r\n\r\n");
  if (!end) return connection->used < REQUEST_SIZE;
  size_t head = (size_t)(end - connection->request) + 4;
  end[2] = '\0';
  char *length = strcasestr(connection->request, "\r\ncontent-length:");
  size_t size = head + (length ? strtoul(length + 17, NULL, 10) : 0);
  if (size > REQUEST_SIZE) return false;
  if (connection->used < size) {
    end[2] = '\r';
    return true;
  }
  connection->last = strcasestr(connection->request, "\r\nconnection: close") != NULL;
  char path[256] = "";
  sscanf(connection->request, "%*15s %255s", path);
  connection->used -= size;
  memmove(connection->request, connection->request + size, connection->used);
  *handled = true;
  if (strncmp(path, "/slow?ms=", 9) == 0) {
    connection->working = true;
    connection->due_ms = now_ms() + atol(path + 9);
    return true;
  }
  if (strcmp(path, "/busy") != 0) return answer_release(connection);
  char count[16];
  snprintf(count, sizeof count, "%d\n", busy());
  return answer(connection, 200, count);
}

/* Answers every complete request in the buffer, until one that takes its time. False: close. */
static bool handle_all(struct connection *connection) {
  bool handled = true;
  while (handled && !connection->working) {
    if (!handle(connection, &handled)) return false;
  }
  return true;
}

static bool receive(struct connection *connection) {
  char *free_space = connection->request + connection->used;
  ssize_t count = recv(connection->fd, free_space, REQUEST_SIZE - connection->used, 0);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) return false;
  connection->used += (size_t)count;
  return connection->working || handle_all(connection);
}

static void accept_all(int listener) {
  while (connection_count < MAX_CONNECTIONS) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) exit(1);
    connection->fd = fd;
    connections[connection_count++] = connection;
  }
}

/* Sends the /slow answers that are due; milliseconds until the next one, or -1. */
static int answer_due(void) {
  int64_t now = now_ms(), next = -1;
  for (int i = connection_count - 1; i >= 0; i--) {
    struct connection *connection = connections[i];
    if (!connection->working) continue;
    if (connection->due_ms > now) {
      if (next < 0 || connection->due_ms - now < next) next = connection->due_ms - now;
      continue;
    }
    connection->working = false;
    if (!answer_release(connection) || !handle_all(connection)) drop(i);
  }
  return (int)next;
}

/* What was sent to us before we closed is still answered: idle connections are read once more, then closed. */
static void close_idle(void) {
  for (int i = connection_count - 1; i >= 0; i--) {
    if (connections[i]->working) continue;
    if (!receive(connections[i]) || !connections[i]->working) drop(i);
  }
}

static void serve(int listener, const sigset_t *normal) {
  static struct pollfd polled[MAX_CONNECTIONS + 1];
  while (!stopping || connection_count > 0) {
    int wait_ms = answer_due();
    if (stopping) {
      if (listener >= 0) accept_all(listener), close(listener), listener = -1;
      close_idle();
      if (connection_count == 0) return;
    }
    int count = connection_count;
    for (int i = 0; i < count; i++) polled[i] = (struct pollfd){.fd = connections[i]->fd, .events = POLLIN};
    polled[count] = (struct pollfd){.fd = listener, .events = POLLIN};
    struct timespec limit = {.tv_sec = wait_ms / 1000, .tv_nsec = (wait_ms % 1000) * 1000000L};
    if (ppoll(polled, (nfds_t)count + 1, wait_ms < 0 ? NULL : &limit, normal) < 0) continue;
    for (int i = count - 1; i >= 0; i--) {
      if (polled[i].revents && !receive(connections[i])) drop(i);
    }
    if (polled[count].revents) accept_all(listener);
  }
}

int main(int argc, char **argv) {
  if (argc < 2) return fprintf(stderr, "usage: serve PORT [ADDRESS]\n"), 2;
  read_release();
  if (crash) return fprintf(stderr, "release %s is broken: it ends at its start\n", release), 1;
  struct timespec delay = {.tv_sec = start_delay_ms / 1000, .tv_nsec = (start_delay_ms % 1000) * 1000000L};
  nanosleep(&delay, NULL);
  int listener = listen_on(atoi(argv[1]), argc > 2 ? argv[2] : "0.0.0.0");
  if (listener < 0) return perror("cannot listen"), 1;
  /* SIGTERM arrives only inside ppoll, so that none is missed between looking and waiting. */
  sigset_t blocked, normal;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGINT);
  sigprocmask(SIG_BLOCK, &blocked, &normal);
  sigdelset(&normal, SIGTERM);
  sigdelset(&normal, SIGINT);
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  serve(listener, &normal);
  return 0;
}
