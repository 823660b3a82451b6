/* The task that is the supervisor's hands: it looks what happened, asks, and does what it is told. */
#include <string.h>

#include "esp_log.h"
#include "esp_netif.h"
#include "esp_random.h"
#include "esp_sleep.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "lwip/sockets.h"

#include "../core/tb_ota.h"
#include "../tailbridge.h"
#include "tb_port.h"

enum { LOOK_MS = 500, STACK = 4096, PRIORITY = 5, TRIAL_MS = 10 * 60000 };

/* 2025-11-24: no handshake of this firmware can have been earlier. */
static const uint64_t BUILD_S = UINT64_C(1764000000);

static struct {
  TaskHandle_t task;
  SemaphoreHandle_t lock; /* over what tb_snapshot copies */
  SemaphoreHandle_t ended;
  StaticSemaphore_t lock_memory;
  StaticSemaphore_t ended_memory;
  volatile bool stopping;
  volatile bool up;
  volatile bool awake_wanted;
  tb_event_handler_t handler;
  void *argument;
  tb_supervisor_t supervisor;
  tb_clock_t clock;
  tb_config_t config;
  tb_retained_t retained;
  tb_ota_trial_t trial;
  tb_sleep_t sleep;
  tb_sleep_policy_t sleep_policy;
  bool sleeps;
  bool keys;
  int64_t handshake_s; /* by the ticks, as the system's clock may be set */
  uint32_t requests;
  const char *ota;
} self;

/*
 * Only this task writes what tb_snapshot copies, and only while it holds the lock; it reads without.
 * The lock is never held while somebody else is waited for: httpd_stop waits for a handler that may
 * be in tb_snapshot.
 */
static void hold(void) { xSemaphoreTake(self.lock, portMAX_DELAY); }

static void release(void) { xSemaphoreGive(self.lock); }

static uint32_t tick(void) { return (uint32_t)(esp_timer_get_time() / 1000); }

static void tell(tb_event_t event) {
  if (self.handler != NULL) {
    self.handler(event, self.argument);
  }
}

/* The ordinary network: any interface that is up and has an address. The tunnel is not one of them. */
static bool link_is_up(void) {
  esp_netif_ip_info_t info;
  esp_netif_t *netif = esp_netif_get_default_netif();
  return netif != NULL && esp_netif_is_netif_up(netif) &&
         esp_netif_get_ip_info(netif, &info) == ESP_OK && info.ip.addr != 0;
}

static void look_at_time(void) {
  uint64_t heard_s = tb_sntp_heard();
  if (heard_s == 0) {
    return;
  }
  bool first = !self.clock.synced;
  hold();
  tb_system_set(tb_clock_synced(&self.clock, heard_s, tb_system_seconds()));
  tb_supervisor_clock(&self.supervisor, tick());
  release();
  if (first) {
    tell(TB_EVENT_TIME);
  }
}

/* The library tells the second of its last handshake, rounded: two seconds later is a new one. */
static void look_at_library(void) {
  tb_wg_state_t state = tb_wg_state();
  int64_t at_s = esp_timer_get_time() / 1000000 - state.age_s;
  bool fresh = state.keys && state.age_s >= 0 && (!self.keys || at_s > self.handshake_s + 2);
  self.keys = state.keys;
  if (fresh) {
    self.handshake_s = at_s;
    hold();
    tb_supervisor_handshake(&self.supervisor, tick());
    release();
  }
}

static void look_at_requests(void) {
  uint32_t requests = tb_http_requests();
  bool asked = requests != self.requests;
  self.requests = requests;
  if (asked || self.awake_wanted) {
    self.awake_wanted = false;
    tb_sleep_active(&self.sleep, tick());
  }
  if (asked) { /* it came out of the tunnel: nobody else is served */
    hold();
    tb_supervisor_heard(&self.supervisor, tick());
    release();
  }
}

static void connect_now(void) {
  uint64_t set = tb_clock_at_start(&self.clock, tb_system_seconds());
  if (set != 0) {
    tb_system_set(set);
  }
  tb_connect_t result = tb_wg_connect();
  if (result == TB_CONNECT_BEGUN) {
    tb_probe_open(self.config.address, tb_config_bridge(&self.config));
  }
  hold();
  tb_supervisor_connect(&self.supervisor, result, tick());
  release();
}

static void remember_access_point(void) {
  wifi_ap_record_t access_point;
  if (esp_wifi_sta_get_ap_info(&access_point) == ESP_OK) {
    memcpy(self.retained.bssid, access_point.bssid, sizeof self.retained.bssid);
    self.retained.channel = access_point.primary;
  }
}

static void retain(void) {
  hold();
  self.retained.floor_s = tb_clock_used(&self.clock, tb_system_seconds());
  release();
  self.retained.reboots = self.supervisor.reboots;
  self.retained.sleep_failures = self.sleep.failures;
  remember_access_point();
}

static void act(uint32_t actions) {
  if (actions & TB_DO_CLOSE_SERVERS) {
    self.up = false;
    tell(TB_EVENT_DOWN);
    tb_http_close();
  }
  if (actions & TB_DO_DISCONNECT) {
    tb_wg_forget();
    self.keys = false;
  }
  if (actions & TB_DO_SET_ENDPOINT) {
    const tb_endpoint_t *endpoint = &self.config.endpoints[self.supervisor.endpoint];
    ESP_LOGI(TB_TAG, "calling %s:%u", endpoint->host, endpoint->port);
    if (tb_wg_endpoint(endpoint) != ESP_OK) {
      ESP_LOGW(TB_TAG, "the name %s cannot be asked for", endpoint->host);
    }
  }
  if (actions & TB_DO_CONNECT) {
    connect_now();
  }
  if (actions & TB_DO_OPEN_SERVERS) {
    self.up = true;
    tb_http_open(self.config.address);
    tell(TB_EVENT_UP);
  }
  if (actions & TB_DO_PROBE) {
    tb_probe_send(self.supervisor.probe_number);
  }
  if (actions & TB_DO_KEEP) {
    retain();
    tb_store_keep(&self.retained, true);
  }
  if (actions & TB_DO_REBOOT) {
    ESP_LOGE(TB_TAG, "no tunnel for long: rebooting");
    tell(TB_EVENT_REBOOT);
    esp_restart();
  }
}

static void judge_update(void) {
  switch (tb_ota_judge(&self.trial, self.supervisor.proven, tick())) {
    case TB_OTA_CONFIRM:
      tb_ota_keep();
      self.ota = "settled";
      break;
    case TB_OTA_ROLL_BACK:
      tb_ota_roll_back();
      self.ota = "settled";
      break;
    case TB_OTA_ON_TRIAL:
      self.ota = "trial";
      break;
    case TB_OTA_SETTLED:
      break;
  }
}

static void sleep_if_due(void) {
  uint64_t sleep_ms;
  if (!self.sleeps) {
    return;
  }
  if (tb_supervisor_up(&self.supervisor)) {
    tb_sleep_reached(&self.sleep, tick());
  }
  if (tb_sleep_due(&self.sleep, tick(), &sleep_ms)) {
    tell(TB_EVENT_SLEEP);
    tb_http_close();
    tb_wg_close();
    retain();
    tb_store_keep(&self.retained, false); /* RTC memory lasts: flash need not be worn each time */
    esp_deep_sleep(sleep_ms * 1000);
  }
}

static void take_answer(uint32_t wait_ms) {
  uint16_t number;
  if (tb_probe_wait(wait_ms, &number)) {
    hold();
    tb_supervisor_answer(&self.supervisor, number, tick());
    release();
  }
}

static void turn(void) {
  bool link = link_is_up();
  hold();
  tb_supervisor_link(&self.supervisor, link, tick());
  release();
  look_at_time();
  look_at_library();
  look_at_requests();
  hold();
  uint32_t actions = tb_supervisor_poll(&self.supervisor, tick());
  release();
  act(actions);
  judge_update();
  sleep_if_due();
  uint32_t wait = tb_supervisor_wait(&self.supervisor, tick());
  take_answer(wait < LOOK_MS ? wait : LOOK_MS);
}

static void run(void *unused) {
  (void)unused;
  esp_task_wdt_add(NULL);
  tb_sntp_start();
  tb_supervisor_start(&self.supervisor, tick());
  while (!self.stopping) {
    turn();
    esp_task_wdt_reset();
  }
  tb_supervisor_stop(&self.supervisor);
  act(tb_supervisor_poll(&self.supervisor, tick()));
  tb_probe_close();
  tb_wg_close();
  esp_task_wdt_delete(NULL);
  self.task = NULL;
  xSemaphoreGive(self.ended);
  vTaskDelete(NULL);
}

static void begin_life(void) {
  tb_policy_t policy = tb_policy_default();
  tb_store_open(&self.retained);
  tb_clock_init(&self.clock, self.retained.floor_s, BUILD_S);
  tb_supervisor_init(&self.supervisor, &policy, self.config.endpoint_count, esp_random(),
                     self.retained.reboots);
  tb_sleep_init(&self.sleep, &self.sleep_policy, self.retained.sleep_failures, tick());
  tb_ota_init(&self.trial, tb_ota_is_trial(), TRIAL_MS, tick());
  self.ota = "settled";
  self.keys = self.stopping = self.up = false;
  if (tb_clock_known(&self.clock)) {
    tb_supervisor_clock(&self.supervisor, tick());
  }
}

esp_err_t tb_start(const tb_config_t *config) {
  if (self.task != NULL) {
    return ESP_ERR_INVALID_STATE;
  }
  if (self.lock == NULL) {
    self.lock = xSemaphoreCreateMutexStatic(&self.lock_memory);
    self.ended = xSemaphoreCreateBinaryStatic(&self.ended_memory);
  }
  self.config = *config;
  begin_life();
  esp_err_t error = tb_wg_open(&self.config);
  if (error != ESP_OK) {
    return error;
  }
  if (xTaskCreate(run, TB_TAG, STACK, NULL, PRIORITY, &self.task) != pdPASS) {
    self.task = NULL;
    return ESP_ERR_NO_MEM;
  }
  return ESP_OK;
}

void tb_stop(void) {
  if (self.task != NULL) {
    self.stopping = true;
    xSemaphoreTake(self.ended, portMAX_DELAY);
  }
}

void tb_on_event(tb_event_handler_t handler, void *argument) {
  self.handler = handler;
  self.argument = argument;
}

bool tb_task_runs(void) { return self.task != NULL; }

bool tb_is_up(void) { return self.up; }

void tb_sleep_when_idle(const tb_sleep_policy_t *policy) {
  self.sleep_policy = *policy;
  self.sleeps = true;
}

void tb_keep_awake(void) { self.awake_wanted = true; }

esp_err_t tb_bind(int socket) {
  struct sockaddr_in own;
  memset(&own, 0, sizeof own);
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = lwip_htonl(self.config.address);
  return lwip_bind(socket, (struct sockaddr *)&own, sizeof own) == 0 ? ESP_OK : ESP_FAIL;
}

void tb_snapshot(tb_snapshot_t *to) {
  hold();
  to->supervisor = self.supervisor;
  to->config = self.config;
  to->synced = self.clock.synced;
  to->ota = self.ota;
  release();
  /* Nothing that a page could tell by mistake. */
  memset(to->config.private_key, 0, sizeof to->config.private_key);
  memset(to->config.preshared_key, 0, sizeof to->config.preshared_key);
}
