/* What the parts of the port know of each other. All of it belongs to tailbridge's task. */
#ifndef TB_PORT_H
#define TB_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "esp_err.h"
#include "../core/tb_clock.h"
#include "../core/tb_config.h"
#include "../core/tb_metrics.h"
#include "../core/tb_retained.h"
#include "../core/tb_supervisor.h"

#define TB_TAG "tailbridge"

/* The WireGuard library; every call is passed on to the TCP/IP task. */
esp_err_t tb_wg_open(const tb_config_t *config);
void tb_wg_forget(void);
esp_err_t tb_wg_endpoint(const tb_endpoint_t *endpoint);
tb_connect_t tb_wg_connect(void);
void tb_wg_close(void);

typedef struct {
  bool keys;     /* the library has a session, be it dead or alive */
  int64_t age_s; /* of its last handshake, to the second; below 0: none */
} tb_wg_state_t;

tb_wg_state_t tb_wg_state(void);

/* Questions to the bridge: ICMP echo from the tunnel's address, on one raw socket. */
esp_err_t tb_probe_open(uint32_t from, uint32_t bridge);
void tb_probe_send(uint16_t number);
/* Waits for an answer; false when none came in time. */
bool tb_probe_wait(uint32_t wait_ms, uint16_t *number);
void tb_probe_close(void);

/* Flash and RTC memory. */
void tb_store_open(tb_retained_t *retained);
void tb_store_keep(tb_retained_t *retained, bool flash);

/* SNTP on the ordinary network; the seconds of the answer, or 0 when none has come since. */
void tb_sntp_start(void);
uint64_t tb_sntp_heard(void);
uint64_t tb_system_seconds(void);
void tb_system_set(uint64_t seconds);

/* HTTP. */
void tb_http_open(uint32_t address);
void tb_http_close(void);
/* Requests since the start: whoever asks is a sign of life. */
uint32_t tb_http_requests(void);

/* Of the task, for the HTTP server: a consistent copy. */
typedef struct {
  tb_supervisor_t supervisor;
  tb_config_t config;
  bool synced;
  const char *ota;
} tb_snapshot_t;

void tb_snapshot(tb_snapshot_t *to);

/* Between tb_start and tb_stop. */
bool tb_task_runs(void);

/* Updates. */
bool tb_ota_is_trial(void);
void tb_ota_keep(void);
void tb_ota_roll_back(void);

/* The route hook sends what belongs there into the tunnel: null for no tunnel. */
struct netif;
void tb_route_set(struct netif *tunnel, const tb_config_t *config);

#endif
