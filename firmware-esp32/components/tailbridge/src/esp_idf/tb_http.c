/* "/", "/status" and "/metrics", on the tunnel alone: whoever comes by Wi-Fi is turned away. */
#include <stdatomic.h>
#include <stddef.h>

#include "esp_heap_caps.h"
#include "esp_http_server.h"
#include "esp_log.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "lwip/sockets.h"

#include "../tailbridge.h"
#include "tb_port.h"

static struct {
  uint16_t port; /* 0: nobody asked for a server */
  const char *greeting;
  const char *version;
  uint32_t address;
  httpd_handle_t server;
  tb_snapshot_t snapshot;
  char text[TB_METRICS_SIZE];
} http;

static atomic_uint_least32_t requests;

/* One server, one task: the buffers above are its own. */

static esp_err_t only_through_the_tunnel(httpd_handle_t server, int socket) {
  struct sockaddr_in own;
  socklen_t size = sizeof own;
  (void)server;
  bool inside = lwip_getsockname(socket, (struct sockaddr *)&own, &size) == 0 &&
                own.sin_family == AF_INET && own.sin_addr.s_addr == lwip_htonl(http.address);
  return inside ? ESP_OK : ESP_FAIL; /* which closes it */
}

static const char *reset_reason(void) {
  switch (esp_reset_reason()) {
    case ESP_RST_POWERON:
      return "poweron";
    case ESP_RST_SW:
      return "software";
    case ESP_RST_PANIC:
      return "panic";
    case ESP_RST_INT_WDT:
    case ESP_RST_TASK_WDT:
    case ESP_RST_WDT:
      return "watchdog";
    case ESP_RST_DEEPSLEEP:
      return "deepsleep";
    case ESP_RST_BROWNOUT:
      return "brownout";
    default:
      return "other";
  }
}

static tb_vitals_t vitals(void) {
  wifi_ap_record_t access_point;
  tb_vitals_t v = {
      .uptime_ms = (uint64_t)esp_timer_get_time() / 1000,
      .clock_s = tb_system_seconds(),
      .version = http.version,
      .reset_reason = reset_reason(),
      .ota = http.snapshot.ota,
      .heap_free = esp_get_free_heap_size(),
      .heap_least = esp_get_minimum_free_heap_size(),
      .heap_largest = (uint32_t)heap_caps_get_largest_free_block(MALLOC_CAP_8BIT),
      .clock_synced = http.snapshot.synced,
  };
  if (esp_wifi_sta_get_ap_info(&access_point) == ESP_OK) {
    v.rssi_dbm = access_point.rssi;
    v.channel = access_point.primary;
  }
  return v;
}

static esp_err_t answer(httpd_req_t *request, const char *type, size_t length) {
  if (length == 0) {
    return httpd_resp_send_err(request, HTTPD_500_INTERNAL_SERVER_ERROR, "it does not fit");
  }
  httpd_resp_set_type(request, type);
  return httpd_resp_send(request, http.text, (ssize_t)length);
}

static uint32_t tick(void) { return (uint32_t)(esp_timer_get_time() / 1000); }

static esp_err_t get_metrics(httpd_req_t *request) {
  atomic_fetch_add(&requests, 1);
  tb_snapshot(&http.snapshot);
  tb_vitals_t v = vitals();
  size_t length = tb_metrics_text(&v, &http.snapshot.supervisor, tick(), http.text, sizeof http.text);
  return answer(request, "text/plain; version=0.0.4", length);
}

static esp_err_t get_status(httpd_req_t *request) {
  atomic_fetch_add(&requests, 1);
  tb_snapshot(&http.snapshot);
  tb_vitals_t v = vitals();
  size_t length = tb_status_json(&v, &http.snapshot.supervisor, &http.snapshot.config, tick(),
                                 http.text, sizeof http.text);
  return answer(request, "application/json", length);
}

static esp_err_t get_greeting(httpd_req_t *request) {
  atomic_fetch_add(&requests, 1);
  httpd_resp_set_type(request, "text/plain");
  return httpd_resp_send(request, http.greeting, HTTPD_RESP_USE_STRLEN);
}

esp_err_t tb_serve(uint16_t port, const char *greeting, const char *version) {
  if (port == 0 || greeting == NULL || version == NULL) {
    return ESP_ERR_INVALID_ARG;
  }
  http.port = port;
  http.greeting = greeting;
  http.version = version;
  return ESP_OK;
}

void tb_http_open(uint32_t address) {
  static const httpd_uri_t PAGES[] = {
      {.uri = "/", .method = HTTP_GET, .handler = get_greeting},
      {.uri = "/status", .method = HTTP_GET, .handler = get_status},
      {.uri = "/metrics", .method = HTTP_GET, .handler = get_metrics},
  };
  httpd_config_t config = HTTPD_DEFAULT_CONFIG();
  if (http.port == 0 || http.server != NULL) {
    return;
  }
  http.address = address;
  config.server_port = http.port;
  config.max_open_sockets = 4;
  config.lru_purge_enable = true; /* a caller that went away must not hold a place */
  config.open_fn = only_through_the_tunnel;
  esp_err_t error = httpd_start(&http.server, &config);
  if (error != ESP_OK) {
    http.server = NULL;
    ESP_LOGE(TB_TAG, "no HTTP server: %s", esp_err_to_name(error));
    return;
  }
  for (size_t i = 0; i < sizeof PAGES / sizeof PAGES[0]; i++) {
    httpd_register_uri_handler(http.server, &PAGES[i]);
  }
}

/* Closes the connections too: without keys they would not be the tunnel's any more. */
void tb_http_close(void) {
  if (http.server != NULL) {
    httpd_stop(http.server);
    http.server = NULL;
  }
}

uint32_t tb_http_requests(void) { return atomic_load(&requests); }
