#include "tb_metrics.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "tb_clock.h"
#include "tb_ota.h"
#include "tb_retained.h"
#include "tb_sleep.h"
#include "tests.h"

static tb_vitals_t vitals(void) {
  return (tb_vitals_t){
      .uptime_ms = 3723004,
      .clock_s = 1764457200,
      .version = "1.2.3",
      .reset_reason = "poweron",
      .ota = "settled",
      .heap_free = 181234,
      .heap_least = 170000,
      .heap_largest = 110592,
      .rssi_dbm = -61,
      .channel = 6,
      .clock_synced = true,
  };
}

static tb_supervisor_t supervisor(void) {
  tb_supervisor_t s;
  tb_policy_t policy = tb_policy_default();
  tb_supervisor_init(&s, &policy, 2, 1, 0);
  tb_supervisor_start(&s, 0);
  tb_supervisor_clock(&s, 0);
  tb_supervisor_link(&s, true, 0);
  tb_supervisor_handshake(&s, 1000);
  tb_supervisor_answer(&s, s.probe_number, 1042);
  return s;
}

void test_metrics(void) {
  static char text[TB_METRICS_SIZE];
  tb_vitals_t v = vitals();
  tb_supervisor_t s = supervisor();
  size_t length = tb_metrics_text(&v, &s, 13500, text, sizeof text);
  CHECK_NUMBER(length, strlen(text));
  static const char *const LINES[] = {
      "tailbridge_info{version=\"1.2.3\",reset_reason=\"poweron\",ota=\"settled\"} 1\n",
      "# TYPE tailbridge_tunnel_up gauge\ntailbridge_tunnel_up 1\n",
      "\ntailbridge_uptime_seconds 3723.004\n",
      "\ntailbridge_handshake_age_seconds 12.500\n",
      "# TYPE tailbridge_sessions_total counter\ntailbridge_sessions_total 1\n",
      "\ntailbridge_probe_rtt_seconds 0.042\n",
      "\ntailbridge_wifi_rssi_dbm -61\n",
      "\ntailbridge_heap_largest_bytes 110592\n",
      "\ntailbridge_endpoint_index 0\n",
  };
  for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
    check_that(strstr(text, LINES[i]) != NULL, LINES[i], __FILE__, __LINE__);
  }
  /* Every metric has its HELP and TYPE before it, and its line ends. */
  const char *line = text;
  int metrics = 0;
  while (*line != '\0') {
    metrics += *line != '#';
    line = strchr(line, '\n');
    if (!CHECK(line != NULL)) {
      return;
    }
    line++;
  }
  CHECK_NUMBER(metrics, 17);

  /* The largest values fit; what does not fit is not sent at all. */
  v = (tb_vitals_t){
      .uptime_ms = UINT64_MAX,
      .version = "a-word-of-twenty-four-xx",
      .reset_reason = "a-word-of-twenty-four-xx",
      .ota = "a-word-of-twenty-four-xx",
      .heap_free = UINT32_MAX,
      .heap_least = UINT32_MAX,
      .heap_largest = UINT32_MAX,
      .rssi_dbm = INT32_MIN,
      .channel = UINT32_MAX,
  };
  memset(&s.stats, 0xff, sizeof s.stats);
  CHECK(tb_metrics_text(&v, &s, UINT32_MAX, text, sizeof text) > 1000);
  CHECK(strstr(text, "rssi_dbm -2147483648\n") != NULL);
  for (size_t size = 0; size < length; size += 97) {
    memset(text, 'x', sizeof text);
    CHECK_NUMBER(tb_metrics_text(&v, &s, 0, text, size), 0);
    CHECK(text[size] == 'x');
    CHECK(size == 0 || memchr(text, '\0', size) != NULL);
  }
}

void test_status(void) {
  static char text[TB_STATUS_SIZE];
  tb_vitals_t v = vitals();
  tb_supervisor_t s = supervisor();
  tb_config_t config;
  tb_problem_t problem;
  const golden_t *file = golden("wg-quick");
  CHECK(tb_config_read(file->text, file->length, &config, &problem));
  CHECK(tb_status_json(&v, &s, &config, 13500, text, sizeof text) > 0);
  CHECK_TEXT(text,
             "{\"name\":\"green-house\",\"version\":\"1.2.3\",\"address\":\"10.6.0.7\","
             "\"tunnel\":\"up\",\"endpoint\":\"bridge.example.net\",\"port\":51820,\"sessions\":1,"
             "\"losses\":0,\"rttMs\":42,\"handshakeAgeSeconds\":12,\"uptimeSeconds\":3723,"
             "\"clock\":1764457200,\"ota\":\"settled\"}\n");
  CHECK_NUMBER(tb_status_json(&v, &s, &config, 13500, text, 100), 0);
  memset(config.name, 'n', TB_NAME_SIZE - 1);
  memset(config.endpoints[0].host, 'h', TB_HOST_SIZE - 1);
  CHECK(tb_status_json(&v, &s, &config, 13500, text, sizeof text) > 0);
}

/* What the core needs besides the configuration and the buffers that a caller lends it. */
void test_sizes(void) {
  int state = (int)(sizeof(tb_supervisor_t) + sizeof(tb_clock_t) + sizeof(tb_sleep_t) +
                    sizeof(tb_ota_trial_t) + sizeof(tb_retained_t));
  printf("  the core's state: %d bytes; the configuration: %d bytes\n", state,
         (int)sizeof(tb_config_t));
  CHECK(state <= 512);
  CHECK(sizeof(tb_config_t) <= 1536);
}
