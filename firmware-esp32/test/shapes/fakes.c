#include "fakes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

fake_t fake;
int failures;



void check(bool truth, const char *what) {
  if (!truth) {
    printf("not so: %s\n", what);
    failures++;
  }
}

void note(const char *word) {
  if (strlen(fake.log) + strlen(word) + 2 < sizeof fake.log) {
    strcat(fake.log, word);
    strcat(fake.log, " ");
  }
}

void check_log(const char *wanted) {
  if (strcmp(fake.log, wanted) != 0) {
    printf("done was\n  %s\nand not\n  %s\n", fake.log, wanted);
    failures++;
  }
  fake.log[0] = '\0';
}

/* Clocks: by the macros that build gives, time and settimeofday are not those of this machine. */
int64_t esp_timer_get_time(void) { return fake.us; }
time_t time(time_t *to) {
  (void)to;
  return (time_t)(fake.system_s + fake.us / 1000000);
}
int settimeofday(const struct timeval *now, const struct timezone *zone) {
  (void)zone;
  fake.system_s = now->tv_sec - fake.us / 1000000;
  note("clock");
  return 0;
}

/* The network. */
static char netif_memory;
esp_netif_t *esp_netif_get_default_netif(void) { return (esp_netif_t *)&netif_memory; }
bool esp_netif_is_netif_up(esp_netif_t *netif) { return netif != NULL && fake.link; }
esp_err_t esp_netif_get_ip_info(esp_netif_t *netif, esp_netif_ip_info_t *info) {
  (void)netif;
  info->ip.addr = 1;
  return ESP_OK;
}
esp_err_t esp_netif_tcpip_exec(esp_netif_callback_fn call, void *argument) {
  fake.in_tcpip = true;
  esp_err_t error = call(argument);
  fake.in_tcpip = false;
  return error;
}
err_t dns_gethostbyname(const char *name, ip_addr_t *address, dns_found_callback found, void *argument) {
  (void)found;
  (void)argument;
  check(fake.in_tcpip, "names are asked for in the TCP/IP task");
  note(name);
  address->u_addr.ip4.addr = 7;
  return ERR_OK;
}
struct netif *__real_ip4_route_src_hook(const ip4_addr_t *from, const ip4_addr_t *to);
struct netif *__real_ip4_route_src_hook(const ip4_addr_t *from, const ip4_addr_t *to) {
  (void)from;
  (void)to;
  return NULL;
}
u32_t lwip_htonl(u32_t x) { return __builtin_bswap32(x); }
u16_t lwip_htons(u16_t x) { return __builtin_bswap16(x); }
u16_t lwip_ntohs(u16_t x) { return __builtin_bswap16(x); }
u16_t inet_chksum(const void *data, u16_t length) { return data != NULL && length == 8 ? 1 : 0; }

/* The WireGuard library. */
static void library(const char *word) {
  check(fake.in_tcpip, "the library is called in the TCP/IP task");
  check(!fake.locked, "nobody waits for the TCP/IP task while the lock is held");
  note(word);
}
esp_err_t esp_wireguard_init(wireguard_config_t *config, wireguard_ctx_t *context) {
  library("init");
  context->config = config;
  return ESP_OK;
}
esp_err_t esp_wireguard_connect(wireguard_ctx_t *context) {
  library("create");
  context->netif = (struct netif *)&netif_memory;
  fake.interface = fake.active = true;
  return ESP_OK;
}
esp_err_t esp_wireguard_disconnect(wireguard_ctx_t *context) {
  library("remove");
  context->netif = NULL;
  fake.interface = fake.active = false;
  fake.shaken_us = 0;
  return ESP_OK;
}
esp_err_t esp_wireguard_peer_is_up(const wireguard_ctx_t *context) {
  check(context->netif != NULL, "there is an interface");
  return fake.shaken_us != 0 ? ESP_OK : ESP_FAIL;
}
esp_err_t esp_wireguard_latest_handshake(const wireguard_ctx_t *context, time_t *result) {
  (void)context;
  *result = (time_t)(fake.shaken_us / 1000000 + time(NULL) - fake.us / 1000000);
  return fake.shaken_us != 0 ? ESP_OK : ESP_FAIL;
}
esp_err_t esp_wireguard_add_allowed_ip(const wireguard_ctx_t *context, const char *ip, const char *mask) {
  (void)context;
  library(ip);
  check(strcmp(mask, "0.0.0.0") != 0, "never the default route");
  return ESP_OK;
}
err_t wireguardif_connect(struct netif *netif, u8_t peer) {
  library("connect");
  check(netif != NULL && peer == 0, "the peer");
  fake.active = true;
  return ERR_OK;
}
err_t wireguardif_disconnect(struct netif *netif, u8_t peer) {
  library("forget");
  check(netif != NULL && peer == 0, "the peer");
  check(fake.servers == 0, "no server is open without keys");
  fake.active = false;
  fake.shaken_us = 0;
  return ERR_OK;
}
err_t wireguardif_update_endpoint(struct netif *netif, u8_t peer, const ip_addr_t *ip, u16_t port) {
  library("endpoint");
  check(netif != NULL && peer == 0 && ip->u_addr.ip4.addr == 7 && port == 51820, "the endpoint");
  return ERR_OK;
}

/* The raw socket, and with its waiting the passing of time. */
int lwip_socket(int domain, int type, int protocol) {
  return domain == AF_INET && type == SOCK_RAW && protocol == IPPROTO_ICMP ? 3 : -1;
}
int lwip_bind(int socket, const struct sockaddr *name, socklen_t size) {
  (void)socket;
  (void)size;
  return fake.interface && ((const struct sockaddr_in *)name)->sin_addr.s_addr == lwip_htonl(0x0a060007) ? 0 : -1;
}
int lwip_close(int socket) { return socket; }
int lwip_getsockname(int socket, struct sockaddr *name, socklen_t *size) {
  (void)name;
  (void)size;
  return socket;
}
ssize_t lwip_sendto(int socket, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length) {
  (void)socket;
  (void)flags;
  (void)to;
  (void)length;
  fake.asked = lwip_ntohs(((const struct icmp_echo_hdr *)data)->seqno);
  fake.question = true;
  return (ssize_t)size;
}
ssize_t lwip_recvfrom(int socket, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length) {
  unsigned char packet[28] = {0x45};
  struct icmp_echo_hdr echo = {ICMP_ER, 0, 0, lwip_htons(0x7462), lwip_htons(fake.asked)};
  (void)socket;
  (void)flags;
  (void)length;
  memcpy(packet + 20, &echo, sizeof echo);
  memcpy(data, packet, size < sizeof packet ? size : sizeof packet);
  ((struct sockaddr_in *)from)->sin_addr.s_addr = lwip_htonl(0x0a060001);
  return sizeof packet;
}

static void pass(int64_t us) {
  check(!fake.locked, "nobody waits while the lock is held");
  fake.us += us;
  if (fake.link && fake.answers && fake.active && fake.shaken_us == 0) {
    fake.shaken_us = fake.us; /* the library calls, and is answered */
  }
  happen();
}
int lwip_select(int highest, fd_set *readable, fd_set *writable, fd_set *failed, struct timeval *timeout) {
  (void)readable;
  (void)writable;
  (void)failed;
  check(highest == 4, "the socket");
  bool answered = fake.question && fake.answers && fake.link && fake.shaken_us != 0;
  fake.question = false;
  pass(answered ? 40000 : (int64_t)timeout->tv_sec * 1000000 + timeout->tv_usec + 1000);
  return answered ? 1 : 0;
}
void vTaskDelay(TickType_t ticks) { pass((int64_t)ticks * 10000 + 1000); }

/* Tasks. */
BaseType_t xTaskCreate(TaskFunction_t code, const char *name, uint32_t stack, void *argument, UBaseType_t priority, TaskHandle_t *task) {
  (void)name;
  (void)stack;
  (void)argument;
  (void)priority;
  fake.task = code;
  *task = (TaskHandle_t)&netif_memory;
  return pdPASS;
}
void vTaskDelete(TaskHandle_t task) { (void)task; }
SemaphoreHandle_t xSemaphoreCreateMutexStatic(StaticSemaphore_t *memory) { return (SemaphoreHandle_t)memory; }
SemaphoreHandle_t xSemaphoreCreateBinaryStatic(StaticSemaphore_t *memory) {
  memory->shape[0] = memory;
  return (SemaphoreHandle_t)memory;
}
static bool is_mutex(SemaphoreHandle_t semaphore) { return ((StaticSemaphore_t *)semaphore)->shape[0] == NULL; }
BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t wait) {
  (void)wait;
  if (is_mutex(semaphore)) {
    check(!fake.locked, "the lock is free");
    fake.locked = true;
  }
  return pdPASS;
}
BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore) {
  fake.locked = is_mutex(semaphore) ? false : fake.locked;
  return pdPASS;
}
esp_err_t esp_task_wdt_add(TaskHandle_t task) { return task == NULL ? ESP_OK : ESP_FAIL; }
esp_err_t esp_task_wdt_delete(TaskHandle_t task) { return task == NULL ? ESP_OK : ESP_FAIL; }
esp_err_t esp_task_wdt_reset(void) { return ESP_OK; }

/* Flash, HTTP, updates and the rest. */
esp_err_t nvs_open(const char *name, nvs_open_mode_t mode, nvs_handle_t *handle) {
  *handle = 1;
  return strcmp(name, "tailbridge_st") == 0 && (mode == NVS_READWRITE || fake.blob_size > 0) ? ESP_OK : ESP_FAIL;
}
void nvs_close(nvs_handle_t handle) { (void)handle; }
esp_err_t nvs_commit(nvs_handle_t handle) { return handle == 1 ? ESP_OK : ESP_FAIL; }
esp_err_t nvs_erase_all(nvs_handle_t handle) { return handle == 1 ? ESP_OK : ESP_FAIL; }
esp_err_t nvs_get_str(nvs_handle_t h, const char *k, char *v, size_t *n) { return h && k && v && n ? ESP_FAIL : ESP_FAIL; }
esp_err_t nvs_set_str(nvs_handle_t h, const char *k, const char *v) { return h && k && v ? ESP_OK : ESP_FAIL; }
esp_err_t nvs_get_u16(nvs_handle_t h, const char *k, uint16_t *v) { return h && k && v ? ESP_FAIL : ESP_FAIL; }
esp_err_t nvs_set_u16(nvs_handle_t h, const char *k, uint16_t v) { return h && k && v ? ESP_OK : ESP_FAIL; }
esp_err_t nvs_get_blob(nvs_handle_t handle, const char *key, void *value, size_t *length) {
  (void)handle;
  (void)key;
  if (*length < fake.blob_size) {
    return ESP_FAIL;
  }
  memcpy(value, fake.blob, fake.blob_size);
  *length = fake.blob_size;
  return ESP_OK;
}
esp_err_t nvs_set_blob(nvs_handle_t handle, const char *key, const void *value, size_t length) {
  (void)handle;
  (void)key;
  check(length <= sizeof fake.blob, "the record is small");
  memcpy(fake.blob, value, length);
  fake.blob_size = length;
  fake.blob_writes++;
  return ESP_OK;
}
esp_err_t httpd_start(httpd_handle_t *server, const httpd_config_t *config) {
  check(config->server_port == 80 && config->open_fn != NULL, "the server");
  *server = &fake;
  fake.servers++;
  note("serve");
  return ESP_OK;
}
esp_err_t httpd_stop(httpd_handle_t server) {
  check(server == &fake && !fake.locked, "a page that waits for the lock can end");
  fake.servers--;
  note("unserve");
  return ESP_OK;
}
esp_err_t httpd_register_uri_handler(httpd_handle_t server, const httpd_uri_t *uri) { return server && uri ? ESP_OK : ESP_FAIL; }
esp_err_t httpd_resp_set_type(httpd_req_t *r, const char *type) { return r && type ? ESP_OK : ESP_FAIL; }
esp_err_t httpd_resp_send(httpd_req_t *r, const char *text, ssize_t length) { return r && text && length ? ESP_OK : ESP_FAIL; }
esp_err_t httpd_resp_send_err(httpd_req_t *r, httpd_err_code_t e, const char *t) { return r && t ? ESP_OK : (esp_err_t)e; }
const esp_partition_t *esp_ota_get_running_partition(void) { return (const esp_partition_t *)&netif_memory; }
esp_err_t esp_ota_get_state_partition(const esp_partition_t *partition, esp_ota_img_states_t *state) {
  *state = ESP_OTA_IMG_PENDING_VERIFY;
  return partition != NULL ? ESP_OK : ESP_FAIL;
}
esp_err_t esp_ota_mark_app_valid_cancel_rollback(void) {
  note("stay");
  return ESP_OK;
}
esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot(void) {
  note("rollback");
  return ESP_FAIL;
}
esp_err_t esp_netif_sntp_init(const esp_sntp_config_t *config) { return config->wait_for_sync ? ESP_FAIL : ESP_OK; }
bool esp_sntp_enabled(void) { return false; }
void sntp_set_sync_status(sntp_sync_status_t status) { check(status == SNTP_SYNC_STATUS_COMPLETED, "synced"); }
esp_reset_reason_t esp_reset_reason(void) { return ESP_RST_POWERON; }
uint32_t esp_get_free_heap_size(void) { return 1; }
uint32_t esp_get_minimum_free_heap_size(void) { return 1; }
size_t heap_caps_get_largest_free_block(uint32_t caps) { return caps; }
uint32_t esp_random(void) { return 4; }
void esp_restart(void) { abort(); }
void esp_deep_sleep(uint64_t microseconds) { exit(microseconds == 0); }
esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *record) { return record == NULL ? ESP_OK : ESP_FAIL; }
const char *esp_err_to_name(esp_err_t error) { return error == ESP_OK ? "ok" : "error"; }
void esp_log_shape(const char *tag, const char *format, ...) {
  check(tag != NULL && strstr(format, "key") == NULL, "no log line is about a key");
}
