/*
 * The time, from the ordinary network: tb_route.c lets only the bridge's and the tailnets' addresses
 * into the tunnel, so the time that the tunnel needs never waits for the tunnel.
 */
#include <stdatomic.h>
#include <sys/time.h>
#include <time.h>

#include "esp_log.h"
#include "esp_netif_sntp.h"
#include "esp_sntp.h"
#include "sdkconfig.h"
#include "tb_port.h"

/* Written in the TCP/IP task. 32 bits are enough until 2106, and are atomic on every chip. */
static atomic_uint_least32_t heard;

/*
 * Instead of ESP-IDF's own function, which is weak: it would set the clock to whatever a server says,
 * also back to before the last handshake. The supervisor sets it, never below the floor.
 */
void sntp_sync_time(struct timeval *time) {
  if (tb_task_runs()) {
    atomic_store(&heard, (uint_least32_t)time->tv_sec);
  } else {
    settimeofday(time, NULL);
  }
  sntp_set_sync_status(SNTP_SYNC_STATUS_COMPLETED);
}

void tb_sntp_start(void) {
  if (esp_sntp_enabled()) {
    return; /* by the application, as with Arduino's configTime: its servers are as good */
  }
#if CONFIG_LWIP_SNTP_MAX_SERVERS >= 3
  esp_sntp_config_t config = ESP_NETIF_SNTP_DEFAULT_CONFIG_MULTIPLE(
      2, ESP_SNTP_SERVER_LIST("pool.ntp.org", "time.google.com"));
#ifdef CONFIG_LWIP_DHCP_GET_NTP_SRV
  config.server_from_dhcp = true; /* option 42; refused where it is not built in */
  config.index_of_first_server = 1;
#endif
#else
  esp_sntp_config_t config = ESP_NETIF_SNTP_DEFAULT_CONFIG("pool.ntp.org");
#endif
  config.wait_for_sync = false;
  esp_err_t error = esp_netif_sntp_init(&config);
  if (error != ESP_OK) {
    ESP_LOGW(TB_TAG, "no time server: %s", esp_err_to_name(error));
  }
}

uint64_t tb_sntp_heard(void) { return atomic_exchange(&heard, 0); }

uint64_t tb_system_seconds(void) {
  time_t now = time(NULL);
  return now < 0 ? 0 : (uint64_t)now;
}

void tb_system_set(uint64_t seconds) {
  struct timeval now = {.tv_sec = (time_t)seconds, .tv_usec = 0};
  settimeofday(&now, NULL);
}
