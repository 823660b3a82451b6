/* "Hello from ESP32!" in a tailnet, with /status and /metrics. */
#include <stdio.h>
#include <string.h>

#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "sdkconfig.h"
#include "tailbridge.h"

static const char *const TAG = "hello";

static wifi_config_t wifi;

/* The access point that was used last saves a scan; if it is not there any more, any other will do. */
static void forget_access_point(void) {
  if (wifi.sta.bssid_set) {
    wifi.sta.bssid_set = false;
    wifi.sta.channel = 0;
    esp_wifi_set_config(WIFI_IF_STA, &wifi);
  }
}

static void keep_wifi(void *unused, esp_event_base_t base, int32_t id, void *data) {
  (void)unused;
  (void)base;
  (void)data;
  if (id == WIFI_EVENT_STA_DISCONNECTED) {
    forget_access_point();
  }
  if (id == WIFI_EVENT_STA_START || id == WIFI_EVENT_STA_DISCONNECTED) {
    esp_wifi_connect();
  }
}

static void start_wifi(void) {
  wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
  snprintf((char *)wifi.sta.ssid, sizeof wifi.sta.ssid, "%s", CONFIG_HELLO_WIFI_SSID);
  snprintf((char *)wifi.sta.password, sizeof wifi.sta.password, "%s",
           CONFIG_HELLO_WIFI_PASSWORD);
  wifi.sta.bssid_set = tb_last_access_point(wifi.sta.bssid, &wifi.sta.channel);
  esp_netif_create_default_wifi_sta();
  ESP_ERROR_CHECK(esp_wifi_init(&init));
  ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, keep_wifi, NULL));
  ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
  ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &wifi));
  ESP_ERROR_CHECK(esp_wifi_start());
}

/* The console echoes nothing, and neither do we: there is a private key in what is pasted. */
static void ask_for_config(tb_config_t *config) {
  static char text[TB_MAX_CONFIG_TEXT];
  do {
    size_t length = 0;
    text[0] = '\0';
    puts("Paste what `bridge device show NAME --format wg-quick` prints, and a line with a dot:");
    while (length < sizeof text - 1) {
      int c = getchar();
      if (c == EOF) {
        vTaskDelay(pdMS_TO_TICKS(20)); /* nothing typed yet */
        continue;
      }
      text[length++] = (char)(c == '\r' ? '\n' : c);
      text[length] = '\0';
      if (length >= 3 && strcmp(text + length - 3, "\n.\n") == 0) {
        length -= 2;
        break;
      }
    }
    if (tb_save(text, length, config) == ESP_OK) {
      memset(text, 0, sizeof text);
      return;
    }
    puts("That is not one; the log says why.");
  } while (true);
}

static void log_event(tb_event_t event, void *unused) {
  (void)unused;
  static const char *const WORDS[] = {"up", "down", "the time is known", "rebooting", "sleeping"};
  ESP_LOGI(TAG, "tunnel: %s", WORDS[event]);
}

void app_main(void) {
  tb_config_t config;
  esp_err_t error = nvs_flash_init();
  if (error == ESP_ERR_NVS_NO_FREE_PAGES || error == ESP_ERR_NVS_NEW_VERSION_FOUND) {
    ESP_ERROR_CHECK(nvs_flash_erase());
    error = nvs_flash_init();
  }
  ESP_ERROR_CHECK(error);
  ESP_ERROR_CHECK(esp_netif_init());
  ESP_ERROR_CHECK(esp_event_loop_create_default());
  if (tb_load(&config) != ESP_OK) {
    ask_for_config(&config);
  }
  start_wifi();
  tb_on_event(log_event, NULL);
  ESP_ERROR_CHECK(tb_serve(80, "Hello from ESP32!\n", "hello-0.1.0"));
  ESP_ERROR_CHECK(tb_start(&config));
}
