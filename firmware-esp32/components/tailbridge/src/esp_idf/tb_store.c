/*
 * NVS holds the configuration (namespace "tailbridge", as the generator's table writes it) and, in a
 * namespace of its own, what must outlive a loss of power. RTC memory holds the same over deep sleep
 * and reboots, without wearing the flash.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "esp_attr.h"
#include "esp_log.h"
#include "nvs.h"

#include "../tailbridge.h"
#include "tb_port.h"

#define CONFIG_NAMESPACE "tailbridge"
#define STATE_NAMESPACE "tailbridge_st"
#define STATE_KEY "retained"

static RTC_NOINIT_ATTR tb_retained_t rtc_retained;

/* Room for the strings of the table while it is put together. */
typedef struct {
  char text[TB_HOST_SIZE];
} value_t;

static bool read_text(nvs_handle_t nvs, const char *key, value_t *value) {
  size_t size = sizeof value->text;
  return nvs_get_str(nvs, key, value->text, &size) == ESP_OK;
}

static bool read_number(nvs_handle_t nvs, const char *key, value_t *value) {
  uint16_t number;
  if (nvs_get_u16(nvs, key, &number) != ESP_OK) {
    return false;
  }
  snprintf(value->text, sizeof value->text, "%u", number);
  return true;
}

static const struct {
  const char *key;
  tb_field_t field;
  bool number;
} TABLE[] = {
    {"name", TB_FIELD_NAME, false},
    {"address", TB_FIELD_ADDRESS, false},
    {"netmask", TB_FIELD_NETMASK, false},
    {"private_key", TB_FIELD_PRIVATE_KEY, false},
    {"peer_key", TB_FIELD_PEER_KEY, false},
    {"psk", TB_FIELD_PRESHARED_KEY, false},
    {"host", TB_FIELD_HOST, false},
    {"port", TB_FIELD_PORT, true},
    {"host2", TB_FIELD_HOST, false},
    {"port2", TB_FIELD_PORT, true},
    {"host3", TB_FIELD_HOST, false},
    {"port3", TB_FIELD_PORT, true},
    {"host4", TB_FIELD_HOST, false},
    {"port4", TB_FIELD_PORT, true},
    {"keepalive", TB_FIELD_KEEPALIVE, true},
    {"allowed", TB_FIELD_ALLOWED, false},
};
enum { ROWS = sizeof TABLE / sizeof TABLE[0] };

static esp_err_t verdict(bool good, const tb_problem_t *problem) {
  char words[256];
  if (good) {
    return ESP_OK;
  }
  tb_problem_text(problem, words, sizeof words);
  ESP_LOGE(TB_TAG, "%s", words);
  return ESP_ERR_INVALID_ARG;
}

esp_err_t tb_load(tb_config_t *config) {
  value_t *values; /* too large for most stacks, and only needed now */
  tb_part_t parts[ROWS];
  tb_problem_t problem;
  nvs_handle_t nvs;
  if (nvs_open(CONFIG_NAMESPACE, NVS_READONLY, &nvs) != ESP_OK) {
    return ESP_ERR_NOT_FOUND;
  }
  values = calloc(ROWS, sizeof *values);
  if (values == NULL) {
    nvs_close(nvs);
    return ESP_ERR_NO_MEM;
  }
  for (int i = 0; i < ROWS; i++) {
    bool there = TABLE[i].number ? read_number(nvs, TABLE[i].key, &values[i])
                                 : read_text(nvs, TABLE[i].key, &values[i]);
    parts[i] = (tb_part_t){TABLE[i].field, there ? values[i].text : NULL};
  }
  nvs_close(nvs);
  bool good = tb_config_from_parts(parts, ROWS, config, &problem);
  memset(values, 0, ROWS * sizeof *values); /* keys */
  free(values);
  return verdict(good, &problem);
}

static esp_err_t write_config(nvs_handle_t nvs, const tb_config_t *config) {
  char text[TB_MAX_NETWORKS * 20];
  size_t length = 0;
  esp_err_t error = nvs_erase_all(nvs);
  snprintf(text, sizeof text, "%u.%u.%u.%u/%u", (unsigned)(config->address >> 24),
           (unsigned)(config->address >> 16 & 0xff), (unsigned)(config->address >> 8 & 0xff),
           (unsigned)(config->address & 0xff), (unsigned)config->prefix);
  error = error != ESP_OK ? error : nvs_set_str(nvs, "address", text);
  if (config->name[0] != '\0') {
    error = error != ESP_OK ? error : nvs_set_str(nvs, "name", config->name);
  }
  error = error != ESP_OK ? error : nvs_set_str(nvs, "private_key", config->private_key);
  error = error != ESP_OK ? error : nvs_set_str(nvs, "peer_key", config->peer_key);
  if (config->preshared_key[0] != '\0') {
    error = error != ESP_OK ? error : nvs_set_str(nvs, "psk", config->preshared_key);
  }
  for (int i = 0; i < config->endpoint_count; i++) {
    char key[8];
    snprintf(key, sizeof key, i == 0 ? "host" : "host%d", i + 1);
    error = error != ESP_OK ? error : nvs_set_str(nvs, key, config->endpoints[i].host);
    snprintf(key, sizeof key, i == 0 ? "port" : "port%d", i + 1);
    error = error != ESP_OK ? error : nvs_set_u16(nvs, key, config->endpoints[i].port);
  }
  for (int i = 0; i < config->allowed_count; i++) {
    uint32_t base = config->allowed[i].address;
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%u.%u.%u.%u/%u",
                               i == 0 ? "" : " ", (unsigned)(base >> 24),
                               (unsigned)(base >> 16 & 0xff), (unsigned)(base >> 8 & 0xff),
                               (unsigned)(base & 0xff), (unsigned)config->allowed[i].prefix);
  }
  error = error != ESP_OK ? error : nvs_set_str(nvs, "allowed", text);
  error = error != ESP_OK ? error : nvs_set_u16(nvs, "keepalive", config->keepalive_s);
  return error != ESP_OK ? error : nvs_commit(nvs);
}

esp_err_t tb_save(const char *text, size_t length, tb_config_t *config) {
  tb_problem_t problem;
  nvs_handle_t nvs;
  esp_err_t error = verdict(tb_config_read(text, length, config, &problem), &problem);
  if (error == ESP_OK) {
    error = nvs_open(CONFIG_NAMESPACE, NVS_READWRITE, &nvs);
  }
  if (error == ESP_OK) {
    error = write_config(nvs, config);
    nvs_close(nvs);
  }
  return error;
}

/* The later one counts: after a loss of power that is flash's, otherwise RTC memory's. */
void tb_store_open(tb_retained_t *retained) {
  tb_retained_t flash;
  nvs_handle_t nvs;
  size_t size = sizeof flash;
  memset(&flash, 0, sizeof flash);
  if (nvs_open(STATE_NAMESPACE, NVS_READONLY, &nvs) == ESP_OK) {
    if (nvs_get_blob(nvs, STATE_KEY, &flash, &size) != ESP_OK || size != sizeof flash) {
      memset(&flash, 0, sizeof flash);
    }
    nvs_close(nvs);
  }
  tb_retained_open(&flash);
  bool kept = tb_retained_open(&rtc_retained);
  *retained = kept && rtc_retained.floor_s >= flash.floor_s ? rtc_retained : flash;
}

void tb_store_keep(tb_retained_t *retained, bool flash) {
  nvs_handle_t nvs;
  tb_retained_seal(retained);
  rtc_retained = *retained;
  if (!flash) {
    return;
  }
  esp_err_t error = nvs_open(STATE_NAMESPACE, NVS_READWRITE, &nvs);
  if (error == ESP_OK) {
    error = nvs_set_blob(nvs, STATE_KEY, retained, sizeof *retained);
    error = error != ESP_OK ? error : nvs_commit(nvs);
    nvs_close(nvs);
  }
  if (error != ESP_OK) {
    ESP_LOGW(TB_TAG, "the clock's floor was not kept: %s", esp_err_to_name(error));
  }
}

bool tb_last_access_point(uint8_t bssid[6], uint8_t *channel) {
  if (!tb_retained_valid(&rtc_retained) || rtc_retained.channel == 0) {
    return false;
  }
  memcpy(bssid, rtc_retained.bssid, sizeof rtc_retained.bssid);
  *channel = rtc_retained.channel;
  return true;
}
