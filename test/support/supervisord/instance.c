/*
 * An application of a few lines, light enough for 64 of them: instance PORT BEHAVIOUR
 * BEHAVIOUR is a file of words, read at the start:
 *   release=ID        answered in X-Release
 *   crash             writes to standard error and exits with 3
 *   crash-coloured    the same with terminal colours, which are no XML and yet are put into it
 *   deaf              ignores SIGTERM
 *   stop-ms=N         takes so long to end after SIGTERM
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int stop_ms;

static void stop(int signal) {
  (void)signal;
  struct timespec time = {stop_ms / 1000, stop_ms % 1000 * 1000000L};
  nanosleep(&time, NULL);
  _exit(0);
}

int main(int count, char **words) {
  char word[100], release[100] = "none";
  FILE *behaviour = count > 2 ? fopen(words[2], "r") : NULL;
  signal(SIGTERM, stop);
  while (behaviour && fscanf(behaviour, "%99s", word) == 1) {
    if (!strcmp(word, "crash")) return fprintf(stderr, "cannot open the database\n"), 3;
    if (!strcmp(word, "crash-coloured")) return fprintf(stderr, "\033[31mcannot open the\033[0m database\n"), 3;
    if (!strcmp(word, "deaf")) signal(SIGTERM, SIG_IGN);
    sscanf(word, "stop-ms=%d", &stop_ms);
    sscanf(word, "release=%99s", release);
  }
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(atoi(words[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 64)) return perror("bind"), 1;
  for (;;) {
    int client = accept(listener, NULL, NULL);
    char text[2048];
    if (client < 0) continue;
    if (read(client, text, sizeof text) > 0) {
      int length = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nX-Release: %s\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n", release);
      if (write(client, text, length) < 0) perror("write");
    }
    close(client);
  }
}
