/*
 * Which interface a packet leaves by. lwIP asks ESP-IDF's ip4_route_src_hook; the linker is told to
 * put this one in front (-Wl,--wrap=ip4_route_src_hook, from CMakeLists.txt or platformio.ini).
 *
 * It does two things that no netmask can: what goes to the allowed networks, the tailnet's 100.x
 * addresses among them, enters the tunnel; and what comes from the tunnel's address never leaves by
 * another interface. Without keys the tunnel's link is down, and lwIP would send the rest of an open
 * connection in clear over Wi-Fi; here it is handed to the tunnel, which drops it.
 */
#include "lwip/ip4_addr.h"
#include "lwip/netif.h"
#include "tb_port.h"

/* Written and read in the TCP/IP task alone. */
static struct {
  struct netif *tunnel;
  ip4_addr_t address;
  ip4_addr_t bases[TB_MAX_NETWORKS];
  ip4_addr_t masks[TB_MAX_NETWORKS];
  int networks;
} route;

void tb_route_set(struct netif *tunnel, const tb_config_t *config) {
  route.tunnel = tunnel;
  route.networks = 0;
  if (tunnel == NULL) {
    return;
  }
  route.address.addr = lwip_htonl(config->address);
  for (int i = 0; i < config->allowed_count; i++) {
    route.bases[i].addr = lwip_htonl(config->allowed[i].address);
    route.masks[i].addr = lwip_htonl(tb_netmask(config->allowed[i].prefix));
  }
  route.networks = config->allowed_count;
}

static bool is_allowed(const ip4_addr_t *to) {
  for (int i = 0; i < route.networks; i++) {
    if (ip4_addr_netcmp(to, &route.bases[i], &route.masks[i])) {
      return true;
    }
  }
  return false;
}

struct netif *__real_ip4_route_src_hook(const ip4_addr_t *from, const ip4_addr_t *to);
struct netif *__wrap_ip4_route_src_hook(const ip4_addr_t *from, const ip4_addr_t *to);

struct netif *__wrap_ip4_route_src_hook(const ip4_addr_t *from, const ip4_addr_t *to) {
  if (route.tunnel != NULL) {
    bool chosen = from != NULL && !ip4_addr_isany(from);
    if (chosen ? ip4_addr_cmp(from, &route.address) : to != NULL && is_allowed(to)) {
      return route.tunnel;
    }
  }
  return __real_ip4_route_src_hook(from, to);
}
