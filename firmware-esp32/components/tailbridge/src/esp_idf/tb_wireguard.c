/*
 * The only file that calls the WireGuard library (esphome/wireguard). On ESP-IDF 5 and later each
 * call must run in the TCP/IP task; esp_netif_tcpip_exec is right with and without core locking.
 *
 * Coming back uses the lower half of the library's interface: esp_wireguard_disconnect removes the
 * interface and with it the address of every open socket, wireguardif_disconnect forgets the keys.
 */
#include <string.h>
#include <time.h>

#include "esp_log.h"
#include "esp_netif.h"
#include "esp_wireguard.h"
#include "lwip/dns.h"
#include "lwip/ip_addr.h"
#include "wireguardif.h"

#include "../core/tb_out.h"
#include "tb_port.h"

/* The library has one peer (CONFIG_WIREGUARD_MAX_PEERS=1), hence this is its index. */
enum { PEER = 0 };

static struct {
  wireguard_config_t library;
  wireguard_ctx_t context;
  tb_config_t config;
  char address[16];
  char netmask[16];
  ip_addr_t server;
  uint16_t port;
  bool named;   /* server is known */
  bool pending; /* its name is being asked for */
  bool peer;    /* the library has its peer */
} wg;

static void text_of(uint32_t address, char *to, size_t size) {
  tb_out_t out = tb_out_to(to, size);
  tb_out_ipv4(&out, address);
}

static esp_err_t open_in_task(void *unused) {
  (void)unused;
  return esp_wireguard_init(&wg.library, &wg.context);
}

esp_err_t tb_wg_open(const tb_config_t *config) {
  memset(&wg, 0, sizeof wg);
  wg.config = *config;
  text_of(config->address, wg.address, sizeof wg.address);
  text_of(tb_netmask(config->prefix), wg.netmask, sizeof wg.netmask);
  wg.library = (wireguard_config_t){
      .private_key = wg.config.private_key,
      .public_key = wg.config.peer_key,
      .preshared_key = wg.config.preshared_key[0] == '\0' ? NULL : wg.config.preshared_key,
      .address = wg.address,
      .netmask = wg.netmask,
      .endpoint = wg.config.endpoints[0].host,
      .port = wg.config.endpoints[0].port,
      .persistent_keepalive = wg.config.keepalive_s,
  };
  return esp_netif_tcpip_exec(open_in_task, NULL);
}

static esp_err_t forget_in_task(void *unused) {
  (void)unused;
  if (wg.peer) {
    wireguardif_disconnect(wg.context.netif, PEER);
  }
  return ESP_OK;
}

void tb_wg_forget(void) { esp_netif_tcpip_exec(forget_in_task, NULL); }

/* In the TCP/IP task, some time after the question. */
static void name_found(const char *name, const ip_addr_t *address, void *asked_for) {
  (void)name;
  const tb_endpoint_t *endpoint = asked_for;
  if (!wg.pending || wg.library.endpoint != endpoint->host) {
    return; /* of an endpoint that is not tried any more */
  }
  wg.pending = false;
  wg.named = address != NULL;
  if (address != NULL) {
    ip_addr_copy(wg.server, *address);
  }
}

/* Every round asks anew: the address behind a name changes, lwIP's cache honours its lifetime. */
static esp_err_t endpoint_in_task(void *argument) {
  tb_endpoint_t *endpoint = argument;
  wg.port = endpoint->port;
  wg.library.endpoint = endpoint->host;
  wg.library.port = endpoint->port;
  err_t result = dns_gethostbyname(endpoint->host, &wg.server, name_found, endpoint);
  wg.named = result == ERR_OK;
  wg.pending = result == ERR_INPROGRESS;
  return result == ERR_OK || result == ERR_INPROGRESS ? ESP_OK : ESP_FAIL;
}

esp_err_t tb_wg_endpoint(const tb_endpoint_t *endpoint) {
  for (int i = 0; i < wg.config.endpoint_count; i++) {
    tb_endpoint_t *own = &wg.config.endpoints[i]; /* one that stays while the answer is awaited */
    if (own->port == endpoint->port && strcmp(own->host, endpoint->host) == 0) {
      return esp_netif_tcpip_exec(endpoint_in_task, own);
    }
  }
  return ESP_ERR_INVALID_ARG;
}

/* The first time: the interface, the peer, and what goes into the tunnel. Never the default route. */
static esp_err_t create(void) {
  esp_err_t error = esp_wireguard_connect(&wg.context);
  if (error != ESP_OK) {
    return error;
  }
  wg.peer = true;
  for (int i = 0; i < wg.config.allowed_count; i++) {
    char base[16];
    char mask[16];
    text_of(wg.config.allowed[i].address, base, sizeof base);
    text_of(tb_netmask(wg.config.allowed[i].prefix), mask, sizeof mask);
    if (esp_wireguard_add_allowed_ip(&wg.context, base, mask) != ESP_OK) {
      ESP_LOGW(TB_TAG, "no room for allowed IP %s: raise CONFIG_WIREGUARD_MAX_SRC_IPS", base);
    }
  }
  tb_route_set(wg.context.netif, &wg.config);
  return ESP_OK;
}

static esp_err_t connect_in_task(void *unused) {
  (void)unused;
  if (wg.pending) {
    return ESP_ERR_RETRY;
  }
  if (!wg.named) {
    return ESP_FAIL;
  }
  if (!wg.peer) {
    return create();
  }
  if (wireguardif_update_endpoint(wg.context.netif, PEER, &wg.server, wg.port) != ERR_OK) {
    return ESP_FAIL;
  }
  return wireguardif_connect(wg.context.netif, PEER) == ERR_OK ? ESP_OK : ESP_FAIL;
}

tb_connect_t tb_wg_connect(void) {
  esp_err_t error = esp_netif_tcpip_exec(connect_in_task, NULL);
  return error == ESP_OK          ? TB_CONNECT_BEGUN
         : error == ESP_ERR_RETRY ? TB_CONNECT_LATER
                                  : TB_CONNECT_FAILED;
}

static esp_err_t state_in_task(void *argument) {
  tb_wg_state_t *state = argument;
  time_t last = 0;
  if (wg.peer) {
    state->keys = esp_wireguard_peer_is_up(&wg.context) == ESP_OK;
    if (esp_wireguard_latest_handshake(&wg.context, &last) == ESP_OK) {
      state->age_s = (int64_t)(time(NULL) - last);
    }
  }
  return ESP_OK;
}

tb_wg_state_t tb_wg_state(void) {
  tb_wg_state_t state = {false, -1};
  esp_netif_tcpip_exec(state_in_task, &state);
  return state;
}

static esp_err_t close_in_task(void *unused) {
  (void)unused;
  tb_route_set(NULL, NULL);
  wg.pending = false;
  if (wg.context.netif != NULL) {
    esp_wireguard_disconnect(&wg.context);
  }
  wg.peer = false;
  return ESP_OK;
}

void tb_wg_close(void) { esp_netif_tcpip_exec(close_in_task, NULL); }
