/* The route hook, which decides what leaves in clear, run on this machine. */
#include <stdio.h>
#include <string.h>

#include "tb_port.h"

struct netif {
  const char *name;
};

static struct netif wifi = {"wifi"};
static struct netif tunnel = {"tunnel"};

/* For a little-endian machine, as all of these chips are. */
u32_t lwip_htonl(u32_t x) { return __builtin_bswap32(x); }

uint32_t tb_netmask(uint8_t prefix) { return prefix == 0 ? 0 : UINT32_MAX << (32 - prefix); }

struct netif *__real_ip4_route_src_hook(const ip4_addr_t *from, const ip4_addr_t *to);
struct netif *__wrap_ip4_route_src_hook(const ip4_addr_t *from, const ip4_addr_t *to);

/* ESP-IDF's own: an interface by its address, none for an address that is not chosen yet. */
struct netif *__real_ip4_route_src_hook(const ip4_addr_t *from, const ip4_addr_t *to) {
  (void)to;
  return from != NULL && from->addr == lwip_htonl(0xc0a80142) ? &wifi : NULL;
}

static int failures;

static void check(const char *what, uint32_t from, uint32_t to, const struct netif *wanted) {
  ip4_addr_t source = {lwip_htonl(from)};
  ip4_addr_t target = {lwip_htonl(to)};
  if (__wrap_ip4_route_src_hook(&source, &target) != wanted) {
    printf("not so: %s\n", what);
    failures++;
  }
}

int main(void) {
  tb_config_t config;
  memset(&config, 0, sizeof config);
  config.address = 0x0a060007;
  config.prefix = 24;
  config.allowed[0] = (tb_network_t){0x0a060000, 24};
  config.allowed[1] = (tb_network_t){0x64400000, 10};
  config.allowed_count = 2;
  check("without a tunnel nothing is different", 0, 0x64656667, NULL);
  tb_route_set(&tunnel, &config);
  check("a call to a tailnet enters the tunnel", 0, 0x64656667, &tunnel);
  check("the end of the tailnets' range too", 0, 0x647fffff, &tunnel);
  check("what is beyond it does not", 0, 0x64800000, NULL);
  check("the bridge is in the tunnel", 0, 0x0a060001, &tunnel);
  check("the time server is not", 0, 0xd8ef2300, NULL);
  check("an answer from the tunnel's address stays there", 0x0a060007, 0xd8ef2300, &tunnel);
  check("what is bound to Wi-Fi stays on Wi-Fi", 0xc0a80142, 0x64656667, &wifi);
  if (__wrap_ip4_route_src_hook(NULL, NULL) != NULL) {
    printf("not so: nothing is known of a packet without addresses\n");
    failures++;
  }
  tb_route_set(NULL, NULL);
  check("after its end nothing is different", 0x0a060007, 0x64656667, NULL);
  printf("the route hook: %d passed, %d failed\n", 10 - failures, failures);
  return failures == 0 ? 0 : 1;
}
