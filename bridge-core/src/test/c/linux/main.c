/*
 * The Linux kernel's TCP as a peer, behind a TUN device in a network namespace that ends with this
 * process: linux-peer PORT MTU ADDRESS/LENGTH..., or linux-peer check to see whether that is allowed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ipv6_route.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../peer.h"

enum { PACKET = 2048 };

static int tun;

static void may_not(const char *what) {
  perror(what);
  exit(1);
}

static void write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) may_not(path);
  close(fd);
}

/* An ordinary user is root in a user namespace of its own, where the host allows that. */
static void enter_namespace(void) {
  char map[40];
  unsigned user = geteuid(), group = getegid();
  if (user == 0) {
    if (unshare(CLONE_NEWNET) != 0) may_not("unshare");
    return;
  }
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) may_not("unshare");
  write_file("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1", user);
  write_file("/proc/self/uid_map", map);
  snprintf(map, sizeof map, "0 %u 1", group);
  write_file("/proc/self/gid_map", map);
}

static void open_tun(void) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strcpy(request.ifr_name, "peer0");
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (tun < 0 || ioctl(tun, TUNSETIFF, &request) != 0) may_not("/dev/net/tun");
}

static void ip(const char *const *words) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    execvp("ip", (char *const *)words);
    perror("ip");
    _exit(1);
  }
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
    fprintf(stderr, "ip %s failed\n", words[1]);
    exit(1);
  }
}

static int is_local(const struct in6_addr *address) {
  char line[200], hex[2 * sizeof address->s6_addr + 1];
  unsigned flags;
  int found = 0;
  FILE *routes = fopen("/proc/net/ipv6_route", "re");
  if (routes == NULL) may_not("/proc/net/ipv6_route");
  for (size_t i = 0; i < sizeof address->s6_addr; i++) {
    sprintf(hex + 2 * i, "%02x", address->s6_addr[i]);
  }
  while (!found && fgets(line, sizeof line, routes) != NULL) {
    found = strncmp(line, hex, strlen(hex)) == 0 &&
            sscanf(line, "%*s 80 %*s %*s %*s %*s %*s %*s %x", &flags) == 1 && flags & RTF_LOCAL;
  }
  fclose(routes);
  return found;
}

/*
 * The kernel's own worker makes the route to an IPv6 address of ours, some time after the address is
 * there: what comes before is lost, and only TCP says it again.
 */
static void await_address(const char *with_length) {
  char text[INET6_ADDRSTRLEN] = "";
  struct in6_addr address;
  sscanf(with_length, "%45[^/]", text);
  if (inet_pton(AF_INET6, text, &address) != 1) return;
  for (int tries = 0; !is_local(&address); tries++) {
    if (tries == 1000) {
      fprintf(stderr, "%s is not local after 10 s\n", text);
      exit(1);
    }
    usleep(10000);
  }
}

static void *pump(void *unused) {
  char packet[PACKET];
  struct pollfd ends[] = {{.fd = tun, .events = POLLIN}, {.fd = packets, .events = POLLIN}};
  (void)unused;
  for (;;) {
    if (poll(ends, 2, -1) < 0) exit(1);
    /* A datagram that the other side cannot take now is lost, as on any wire. */
    for (int i = 0; i < 2; i++) {
      if (ends[i].revents == 0) continue;
      ssize_t length = read(ends[i].fd, packet, sizeof packet);
      if (length > 0 && write(ends[1 - i].fd, packet, (size_t)length) < 0) continue;
    }
  }
  return NULL;
}

int main(int count, char **words) {
  pthread_t thread;
  if (count == 2 && strcmp(words[1], "check") == 0) {
    enter_namespace();
    open_tun();
    return 0;
  }
  if (count < 4) {
    fprintf(stderr, "usage: %s PORT MTU ADDRESS/LENGTH...\n", words[0]);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  open_packets(words[1]);
  enter_namespace();
  open_tun();
  ip((const char *[]){"ip", "link", "set", "peer0", "mtu", words[2], "up", NULL});
  for (int i = 3; i < count; i++) {
    const char *nodad = strchr(words[i], ':') ? "nodad" : NULL;
    ip((const char *[]){"ip", "address", "add", words[i], "dev", "peer0", nodad, NULL});
  }
  for (int i = 3; i < count; i++) await_address(words[i]);
  pthread_create(&thread, NULL, pump, NULL);
  run_peer();
}
