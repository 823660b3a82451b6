/* lwIP as a peer, with a network interface whose wire is a datagram socket: lwip-peer PORT MTU ADDRESS/24 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../peer.h"
#include "lwip/ip4_addr.h"
#include "lwip/tcpip.h"

enum { PACKET = 2048 };

static struct netif netif;
static int mtu;
static ip4_addr_t address;
static sys_sem_t added;

static err_t output(struct netif *to, struct pbuf *packet, const ip4_addr_t *next) {
  char bytes[PACKET];
  u16_t length = pbuf_copy_partial(packet, bytes, sizeof bytes, 0);
  (void)to;
  (void)next;
  /* What the socket cannot take now is lost, as on any wire. */
  return write(packets, bytes, length) == length ? ERR_OK : ERR_IF;
}

static err_t init(struct netif *added) {
  added->name[0] = 'w';
  added->name[1] = 'g';
  added->mtu = (u16_t)mtu;
  added->output = output;
  return ERR_OK;
}

static void add(void *unused) {
  ip4_addr_t mask, gateway;
  (void)unused;
  IP4_ADDR(&mask, 255, 255, 255, 0);
  ip4_addr_set_any(&gateway);
  netif_add(&netif, &address, &mask, &gateway, NULL, init, tcpip_input);
  netif_set_default(&netif);
  netif_set_up(&netif);
  netif_set_link_up(&netif);
  sys_sem_signal(&added);
}

static void *receive(void *unused) {
  char bytes[PACKET];
  ssize_t length;
  (void)unused;
  for (;;) {
    if ((length = read(packets, bytes, sizeof bytes)) <= 0) continue;
    struct pbuf *packet = pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_RAM);
    if (packet == NULL) continue;
    pbuf_take(packet, bytes, (u16_t)length);
    if (netif.input(packet, &netif) != ERR_OK) pbuf_free(packet);
  }
  return NULL;
}

int main(int count, char **words) {
  pthread_t reader;
  if (count != 4) {
    fprintf(stderr, "usage: %s PORT MTU ADDRESS/24\n", words[0]);
    return 2;
  }
  mtu = atoi(words[2]);
  *strchrnul(words[3], '/') = '\0';
  if (!ip4addr_aton(words[3], &address)) return 2;
  open_packets(words[1]);
  srand((unsigned)(getpid() ^ time(NULL)));
  sys_sem_new(&added, 0);
  tcpip_init(add, NULL);
  sys_arch_sem_wait(&added, 0);
  pthread_create(&reader, NULL, receive, NULL);
  run_peer();
}
