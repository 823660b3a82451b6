/*
 * Services and commands, written for BSD sockets alone: the same lines run on lwIP and on Linux.
 *
 * Services: 7 echoes (UDP too), 9 swallows, 11 swallows after the command drain, 13 resets at the
 * first byte, 19 sends as many bytes as its caller's line says.
 */
#ifdef LWIP
#include "lwip/sockets.h"
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#define closesocket close
#endif
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

enum { CHUNK = 4096, SECONDS = 120, DATAGRAM = 8192 };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_opened = PTHREAD_COND_INITIALIZER;
static int drained;
static int held = -1;

/* What stands at an offset of every stream: no two shifts of it are alike for long. */
static unsigned char pattern(long at) {
  return (unsigned char)(at * 31 + (at >> 8) * 17 + (at >> 16) * 7);
}

static const char *reason(int error) {
  switch (error) {
    case ECONNREFUSED: return "refused";
    case ECONNRESET: case ECONNABORTED: case EPIPE: return "reset";
    case EAGAIN: case ETIMEDOUT: case EINPROGRESS: return "timeout";
    case EHOSTUNREACH: case ENETUNREACH: return "unreachable";
    default: return strerror(error);
  }
}

static void answer(const char *result, long bytes) {
  printf("{\"result\":\"%s\",\"bytes\":%ld}\n", result, bytes);
  fflush(stdout);
}

/* Nothing waits for ever. */
static void limit(int fd) {
  struct timeval most = {SECONDS, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
#ifdef TCP_CONGESTION
  setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5);
#endif
}

static int send_all(int fd, const void *bytes, size_t length) {
  const char *from = bytes;
  while (length > 0) {
    ssize_t sent = send(fd, from, length, 0);
    if (sent <= 0) return -1;
    from += sent;
    length -= (size_t)sent;
  }
  return 0;
}

static int send_pattern(int fd, long bytes) {
  unsigned char chunk[CHUNK];
  for (long at = 0; at < bytes;) {
    long part = bytes - at < CHUNK ? bytes - at : CHUNK;
    for (long i = 0; i < part; i++) chunk[i] = pattern(at + i);
    if (send_all(fd, chunk, (size_t)part) != 0) return -1;
    at += part;
  }
  return 0;
}

/* Reads to the end; the bytes that came, and whether they were the pattern. */
static const char *receive_pattern(int fd, long *bytes) {
  unsigned char chunk[CHUNK];
  int right = 1;
  ssize_t count;
  while ((count = recv(fd, chunk, sizeof chunk, 0)) > 0) {
    for (ssize_t i = 0; i < count; i++) right &= chunk[i] == pattern(*bytes + i);
    *bytes += count;
  }
  return count < 0 ? reason(errno) : right ? "ok" : "different";
}

/* lwIP resets for what was not read, Linux by SO_LINGER: so a byte must have come. */
static void reset(int fd) {
  struct linger now = {1, 0};
  char byte;
  recv(fd, &byte, 1, MSG_PEEK);
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  closesocket(fd);
}

/* --- services --- */

static void echo(int fd) {
  char chunk[CHUNK];
  ssize_t count;
  while ((count = recv(fd, chunk, sizeof chunk, 0)) > 0) {
    if (send_all(fd, chunk, (size_t)count) != 0) break;
  }
}

static void swallow(int fd) {
  long bytes = 0;
  receive_pattern(fd, &bytes);
}

static void wait_and_swallow(int fd) {
  pthread_mutex_lock(&gate);
  while (!drained) pthread_cond_wait(&gate_opened, &gate);
  pthread_mutex_unlock(&gate);
  swallow(fd);
}

static void give(int fd) {
  char line[32] = "";
  for (size_t i = 0; i + 1 < sizeof line && recv(fd, line + i, 1, 0) == 1 && line[i] != '\n'; i++) {
  }
  send_pattern(fd, atol(line));
}

struct service {
  int port;
  void (*serve)(int fd);
  int listener;
};

struct caller {
  int fd;
  void (*serve)(int fd);
};

static void *serve_one(void *argument) {
  struct caller caller = *(struct caller *)argument;
  free(argument);
  limit(caller.fd);
  caller.serve(caller.fd);
  if (caller.serve != reset) closesocket(caller.fd);
  return NULL;
}

static void start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, argument) != 0) {
    perror("thread");
    exit(1);
  }
  pthread_detach(thread);
}

static void *accept_all(void *argument) {
  struct service *service = argument;
  for (;;) {
    struct caller *caller = malloc(sizeof *caller);
    caller->fd = accept(service->listener, NULL, NULL);
    caller->serve = service->serve;
    if (caller->fd < 0) {
      free(caller);
      return NULL;
    }
    start(serve_one, caller);
  }
}

static void *echo_datagrams(void *argument) {
  int fd = *(int *)argument;
  char datagram[DATAGRAM];
  for (;;) {
    struct sockaddr_in6 from;
    socklen_t length = sizeof from;
    ssize_t count = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &length);
    if (count >= 0) sendto(fd, datagram, (size_t)count, 0, (struct sockaddr *)&from, length);
  }
  return NULL;
}

/* A socket of both families that is bound to a port. */
static int bound(int type, int port) {
  struct sockaddr_in6 any;
  int on = 1;
  int fd = socket(AF_INET6, type, 0);
  memset(&any, 0, sizeof any);
  any.sin6_family = AF_INET6;
  any.sin6_port = htons((unsigned short)port);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&any, sizeof any) != 0) {
    perror("service");
    exit(1);
  }
  return fd;
}

static void offer(struct service *service) {
  service->listener = bound(SOCK_STREAM, service->port);
  if (listen(service->listener, 8) != 0) {
    perror("service");
    exit(1);
  }
  start(accept_all, service);
}

/* --- commands --- */

/* Calls; from a port of its own choice when own is 0. Returns -1 with errno. */
static int call(int type, const char *host, int port, int own) {
  struct sockaddr_storage to, from;
  struct sockaddr_in *to4 = (void *)&to, *from4 = (void *)&from;
  struct sockaddr_in6 *to6 = (void *)&to, *from6 = (void *)&from;
  int family = strchr(host, ':') ? AF_INET6 : AF_INET;
  socklen_t length = family == AF_INET ? sizeof *to4 : sizeof *to6;
  int on = 1;
  memset(&to, 0, sizeof to);
  memset(&from, 0, sizeof from);
  to.ss_family = from.ss_family = (unsigned char)family;
  if (family == AF_INET) {
    inet_pton(family, host, &to4->sin_addr);
    to4->sin_port = htons((unsigned short)port);
    from4->sin_port = htons((unsigned short)own);
  } else {
    inet_pton(family, host, &to6->sin6_addr);
    to6->sin6_port = htons((unsigned short)port);
    from6->sin6_port = htons((unsigned short)own);
  }
  int fd = socket(family, type, 0);
  limit(fd);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if ((own != 0 && bind(fd, (struct sockaddr *)&from, length) != 0) ||
      connect(fd, (struct sockaddr *)&to, length) != 0) {
    int error = errno;
    closesocket(fd);
    errno = error;
    return -1;
  }
  return fd;
}

struct sending {
  int fd;
  long bytes;
};

static void *send_and_shut(void *argument) {
  struct sending *sending = argument;
  if (send_pattern(sending->fd, sending->bytes) == 0) shutdown(sending->fd, SHUT_WR);
  return NULL;
}

/* Sends and shuts its half while it receives the echo to its end. */
static void exchange(int fd, long bytes) {
  struct sending sending = {fd, bytes};
  long received = 0;
  pthread_t sender;
  pthread_create(&sender, NULL, send_and_shut, &sending);
  const char *result = receive_pattern(fd, &received);
  shutdown(fd, SHUT_RDWR);
  pthread_join(sender, NULL);
  closesocket(fd);
  answer(result, received);
}

/* Sends a datagram with the pattern and awaits an answer that begins as it does. */
static void question(const char *host, int port, long bytes) {
  unsigned char datagram[DATAGRAM];
  struct timeval most = {5, 0};
  int fd = call(SOCK_DGRAM, host, port, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  for (long i = 0; i < bytes && i < DATAGRAM; i++) datagram[i] = pattern(i);
  ssize_t count = send(fd, datagram, (size_t)bytes, 0);
  if (count >= 0) count = recv(fd, datagram, sizeof datagram, 0);
  const char *result = count < 0 ? reason(errno) : "ok";
  for (ssize_t i = 0; i < count; i++) {
    if (datagram[i] != pattern(i)) result = "different";
  }
  closesocket(fd);
  answer(result, count);
}

static void obey(const char *command, const char *host, int port, long number) {
  long bytes = 0;
  if (strcmp(command, "echo") == 0) {
    int fd = call(SOCK_STREAM, host, port, 0);
    if (fd < 0) answer(reason(errno), 0);
    else exchange(fd, number);
  } else if (strcmp(command, "udp") == 0) {
    question(host, port, number);
  } else if (strcmp(command, "hold") == 0) {
    held = call(SOCK_STREAM, host, port, (int)number);
    answer(held < 0 ? reason(errno) : "ok", 0);
  } else if (strcmp(command, "await") == 0) {
    const char *result = receive_pattern(held, &bytes);
    closesocket(held);
    answer(result, bytes);
  } else if (strcmp(command, "reset") == 0) {
    reset(held);
    answer("ok", 0);
  } else if (strcmp(command, "drain") == 0) {
    pthread_mutex_lock(&gate);
    drained = 1;
    pthread_cond_broadcast(&gate_opened);
    pthread_mutex_unlock(&gate);
    answer("ok", 0);
  } else {
    answer("unknown command", 0);
  }
}

void run_peer(void) {
  static struct service services[] = {
      {7, echo, -1}, {9, swallow, -1}, {11, wait_and_swallow, -1}, {13, reset, -1},
      {19, give, -1}};
  char line[200], command[20], host[64];
  static int datagrams;
  for (size_t i = 0; i < sizeof services / sizeof *services; i++) offer(&services[i]);
  datagrams = bound(SOCK_DGRAM, 7);
  start(echo_datagrams, &datagrams);
  answer("ready", 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    int port = 0;
    long number = 0;
    host[0] = '\0';
    if (sscanf(line, "%19s %63s %d %ld", command, host, &port, &number) >= 1) {
      obey(command, host, port, number);
    }
  }
  exit(0);
}
