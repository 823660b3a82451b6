/* ESP-IDF 5 and the component esphome/wireguard: what the adapters use. Hand-written; see README.md. */
#ifndef SHAPES_IDF_H
#define SHAPES_IDF_H

#include <sys/time.h>
#include <time.h>

#include "lwip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* esp_err.h, esp_log.h, esp_attr.h */
typedef int esp_err_t;
enum {
  ESP_OK = 0,
  ESP_FAIL = -1,
  ESP_ERR_NO_MEM = 0x101,
  ESP_ERR_INVALID_ARG = 0x102,
  ESP_ERR_INVALID_STATE = 0x103,
  ESP_ERR_NOT_FOUND = 0x105
};
const char *esp_err_to_name(esp_err_t error);
void esp_error_check_failed(esp_err_t error);
#define ESP_ERROR_CHECK(x) do { esp_err_t e_ = (x); if (e_ != ESP_OK) esp_error_check_failed(e_); } while (0)
__attribute__((format(printf, 2, 3))) void esp_log_shape(const char *tag, const char *format, ...);
#define ESP_LOGE(tag, ...) esp_log_shape(tag, __VA_ARGS__)
#define ESP_LOGW(tag, ...) esp_log_shape(tag, __VA_ARGS__)
#define ESP_LOGI(tag, ...) esp_log_shape(tag, __VA_ARGS__)
#define RTC_NOINIT_ATTR

/* sdkconfig.h, as sdkconfig.defaults of the example makes it */
#define CONFIG_LWIP_SNTP_MAX_SERVERS 3
#define CONFIG_LWIP_DHCP_GET_NTP_SRV 1
#define CONFIG_HELLO_WIFI_SSID "wifi"
#define CONFIG_HELLO_WIFI_PASSWORD ""

/* esp_netif.h */
typedef struct esp_netif_obj esp_netif_t;
typedef struct {
  u32_t addr;
} esp_ip4_addr_t;
typedef struct {
  esp_ip4_addr_t ip;
  esp_ip4_addr_t netmask;
  esp_ip4_addr_t gw;
} esp_netif_ip_info_t;
typedef esp_err_t (*esp_netif_callback_fn)(void *argument);
esp_err_t esp_netif_init(void);
esp_netif_t *esp_netif_get_default_netif(void);
bool esp_netif_is_netif_up(esp_netif_t *netif);
esp_err_t esp_netif_get_ip_info(esp_netif_t *netif, esp_netif_ip_info_t *info);
esp_err_t esp_netif_tcpip_exec(esp_netif_callback_fn call, void *argument);
esp_netif_t *esp_netif_create_default_wifi_sta(void);

/* esp_netif_sntp.h, esp_sntp.h */
typedef void (*esp_sntp_time_cb_t)(struct timeval *time);
typedef struct {
  bool smooth_sync;
  bool server_from_dhcp;
  bool wait_for_sync;
  bool start;
  esp_sntp_time_cb_t sync_cb;
  bool renew_servers_after_new_IP;
  int ip_event_to_renew;
  size_t index_of_first_server;
  size_t num_of_servers;
  const char *servers[CONFIG_LWIP_SNTP_MAX_SERVERS];
} esp_sntp_config_t;
#define ESP_SNTP_SERVER_LIST(...) {__VA_ARGS__}
#define ESP_NETIF_SNTP_DEFAULT_CONFIG_MULTIPLE(count, list) \
  {.wait_for_sync = true, .start = true, .num_of_servers = (count), .servers = list}
#define ESP_NETIF_SNTP_DEFAULT_CONFIG(server) ESP_NETIF_SNTP_DEFAULT_CONFIG_MULTIPLE(1, {server})
esp_err_t esp_netif_sntp_init(const esp_sntp_config_t *config);
typedef enum { SNTP_SYNC_STATUS_RESET, SNTP_SYNC_STATUS_COMPLETED } sntp_sync_status_t;
void sntp_set_sync_status(sntp_sync_status_t status);
void sntp_sync_time(struct timeval *time);
bool esp_sntp_enabled(void);

/* esp_wireguard.h, wireguardif.h */
#define ESP_ERR_RETRY 0x10a
typedef struct {
  const char *private_key;
  int listen_port;
  uint32_t fw_mark;
  const char *public_key;
  const char *preshared_key;
  const char *address;
  const char *netmask;
  const char *endpoint;
  ip_addr_t endpoint_ip;
  int port;
  int persistent_keepalive;
} wireguard_config_t;
typedef struct {
  wireguard_config_t *config;
  struct netif *netif;
  struct netif *netif_default;
} wireguard_ctx_t;
esp_err_t esp_wireguard_init(wireguard_config_t *config, wireguard_ctx_t *context);
esp_err_t esp_wireguard_connect(wireguard_ctx_t *context);
esp_err_t esp_wireguard_disconnect(wireguard_ctx_t *context);
esp_err_t esp_wireguard_peer_is_up(const wireguard_ctx_t *context);
esp_err_t esp_wireguard_latest_handshake(const wireguard_ctx_t *context, time_t *result);
esp_err_t esp_wireguard_add_allowed_ip(const wireguard_ctx_t *context, const char *ip, const char *mask);
err_t wireguardif_connect(struct netif *netif, u8_t peer);
err_t wireguardif_disconnect(struct netif *netif, u8_t peer);
err_t wireguardif_update_endpoint(struct netif *netif, u8_t peer, const ip_addr_t *ip, u16_t port);

/* nvs.h, nvs_flash.h */
typedef uint32_t nvs_handle_t;
typedef enum { NVS_READONLY, NVS_READWRITE } nvs_open_mode_t;
enum { ESP_ERR_NVS_NO_FREE_PAGES = 0x110d, ESP_ERR_NVS_NEW_VERSION_FOUND = 0x1110 };
esp_err_t nvs_open(const char *name, nvs_open_mode_t mode, nvs_handle_t *handle);
void nvs_close(nvs_handle_t handle);
esp_err_t nvs_commit(nvs_handle_t handle);
esp_err_t nvs_erase_all(nvs_handle_t handle);
esp_err_t nvs_get_str(nvs_handle_t handle, const char *key, char *value, size_t *length);
esp_err_t nvs_set_str(nvs_handle_t handle, const char *key, const char *value);
esp_err_t nvs_get_u16(nvs_handle_t handle, const char *key, uint16_t *value);
esp_err_t nvs_set_u16(nvs_handle_t handle, const char *key, uint16_t value);
esp_err_t nvs_get_blob(nvs_handle_t handle, const char *key, void *value, size_t *length);
esp_err_t nvs_set_blob(nvs_handle_t handle, const char *key, const void *value, size_t length);
esp_err_t nvs_flash_init(void);
esp_err_t nvs_flash_erase(void);

/* esp_ota_ops.h */
typedef struct esp_partition esp_partition_t;
typedef enum { ESP_OTA_IMG_NEW, ESP_OTA_IMG_PENDING_VERIFY, ESP_OTA_IMG_VALID } esp_ota_img_states_t;
const esp_partition_t *esp_ota_get_running_partition(void);
esp_err_t esp_ota_get_state_partition(const esp_partition_t *partition, esp_ota_img_states_t *state);
esp_err_t esp_ota_mark_app_valid_cancel_rollback(void);
esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot(void);

/* esp_system.h, esp_heap_caps.h, esp_timer.h, esp_random.h, esp_sleep.h, esp_task_wdt.h */
typedef enum {
  ESP_RST_UNKNOWN,
  ESP_RST_POWERON,
  ESP_RST_EXT,
  ESP_RST_SW,
  ESP_RST_PANIC,
  ESP_RST_INT_WDT,
  ESP_RST_TASK_WDT,
  ESP_RST_WDT,
  ESP_RST_DEEPSLEEP,
  ESP_RST_BROWNOUT
} esp_reset_reason_t;
esp_reset_reason_t esp_reset_reason(void);
uint32_t esp_get_free_heap_size(void);
uint32_t esp_get_minimum_free_heap_size(void);
void esp_restart(void) __attribute__((noreturn));
enum { MALLOC_CAP_8BIT = 1 << 2 };
size_t heap_caps_get_largest_free_block(uint32_t caps);
int64_t esp_timer_get_time(void);
uint32_t esp_random(void);
void esp_deep_sleep(uint64_t microseconds) __attribute__((noreturn));

/* FreeRTOS.h, task.h, semphr.h */
typedef int BaseType_t;
typedef unsigned UBaseType_t;
typedef uint32_t TickType_t;
typedef struct tskTaskControlBlock *TaskHandle_t;
typedef struct QueueDefinition *SemaphoreHandle_t;
typedef struct {
  void *shape[20];
} StaticSemaphore_t;
typedef void (*TaskFunction_t)(void *argument);
enum { pdPASS = 1 };
#define portMAX_DELAY ((TickType_t)0xffffffff)
#define pdMS_TO_TICKS(ms) ((TickType_t)(ms) / 10)
BaseType_t xTaskCreate(TaskFunction_t code, const char *name, uint32_t stack, void *argument, UBaseType_t priority, TaskHandle_t *task);
void vTaskDelete(TaskHandle_t task);
void vTaskDelay(TickType_t ticks);
SemaphoreHandle_t xSemaphoreCreateMutexStatic(StaticSemaphore_t *memory);
SemaphoreHandle_t xSemaphoreCreateBinaryStatic(StaticSemaphore_t *memory);
BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t wait);
BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore);
esp_err_t esp_task_wdt_add(TaskHandle_t task);
esp_err_t esp_task_wdt_delete(TaskHandle_t task);
esp_err_t esp_task_wdt_reset(void);

/* esp_event.h, esp_wifi.h */
typedef const char *esp_event_base_t;
typedef void (*esp_event_handler_t)(void *argument, esp_event_base_t base, int32_t id, void *data);
extern esp_event_base_t const WIFI_EVENT;
enum { ESP_EVENT_ANY_ID = -1, WIFI_EVENT_STA_START = 2, WIFI_EVENT_STA_DISCONNECTED = 5 };
esp_err_t esp_event_loop_create_default(void);
esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t id, esp_event_handler_t handler, void *argument);
typedef struct {
  uint8_t bssid[6];
  uint8_t ssid[33];
  uint8_t primary;
  int8_t rssi;
} wifi_ap_record_t;
typedef struct {
  int shape;
} wifi_init_config_t;
#define WIFI_INIT_CONFIG_DEFAULT() {0}
typedef union {
  struct {
    uint8_t ssid[32];
    uint8_t password[64];
    bool bssid_set;
    uint8_t bssid[6];
    uint8_t channel;
  } sta;
} wifi_config_t;
typedef enum { WIFI_MODE_STA = 1 } wifi_mode_t;
typedef enum { WIFI_IF_STA } wifi_interface_t;
esp_err_t esp_wifi_init(const wifi_init_config_t *config);
esp_err_t esp_wifi_set_mode(wifi_mode_t mode);
esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *config);
esp_err_t esp_wifi_start(void);
esp_err_t esp_wifi_connect(void);
esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *record);

/* esp_http_server.h */
typedef void *httpd_handle_t;
typedef struct httpd_req httpd_req_t;
typedef enum { HTTP_GET = 1 } httpd_method_t;
typedef struct {
  const char *uri;
  httpd_method_t method;
  esp_err_t (*handler)(httpd_req_t *request);
  void *user_ctx;
} httpd_uri_t;
typedef struct {
  uint16_t server_port;
  uint16_t max_open_sockets;
  bool lru_purge_enable;
  esp_err_t (*open_fn)(httpd_handle_t server, int socket);
} httpd_config_t;
#define HTTPD_DEFAULT_CONFIG() {.server_port = 80, .max_open_sockets = 7}
#define HTTPD_RESP_USE_STRLEN -1
typedef enum { HTTPD_500_INTERNAL_SERVER_ERROR } httpd_err_code_t;
esp_err_t httpd_start(httpd_handle_t *server, const httpd_config_t *config);
esp_err_t httpd_stop(httpd_handle_t server);
esp_err_t httpd_register_uri_handler(httpd_handle_t server, const httpd_uri_t *uri);
esp_err_t httpd_resp_set_type(httpd_req_t *request, const char *type);
esp_err_t httpd_resp_send(httpd_req_t *request, const char *text, ssize_t length);
esp_err_t httpd_resp_send_err(httpd_req_t *request, httpd_err_code_t error, const char *text);

#ifdef __cplusplus
}
#endif

#endif
