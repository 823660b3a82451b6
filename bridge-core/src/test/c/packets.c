/* The socket of the packets: always the host's, whatever TCP is under test. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "peer.h"

int packets;

void open_packets(const char *port) {
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in test = own;
  socklen_t length = sizeof own;
  int size = 4 << 20;
  test.sin_port = htons((unsigned short)atoi(port));
  packets = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (packets < 0 || bind(packets, (struct sockaddr *)&own, sizeof own) != 0 ||
      connect(packets, (struct sockaddr *)&test, sizeof test) != 0 ||
      getsockname(packets, (struct sockaddr *)&own, &length) != 0) {
    perror("socket of the packets");
    exit(1);
  }
  /* Only root may have more than the system's limit. */
  if (setsockopt(packets, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    setsockopt(packets, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  printf("{\"port\":%d}\n", ntohs(own.sin_port));
  fflush(stdout);
}
