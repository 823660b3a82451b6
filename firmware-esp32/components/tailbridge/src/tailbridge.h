/*
 * tailbridge for ESP-IDF: keeps a WireGuard tunnel to a tailbridge bridge up.
 *
 *   tb_config_t config;
 *   ESP_ERROR_CHECK(tb_load(&config));   // what `bridge device show --format esp-idf` put into NVS
 *   ESP_ERROR_CHECK(tb_start(&config));  // after Wi-Fi or Ethernet was started; returns at once
 *
 * All functions may be called from any task, none from an interrupt. After tb_start nothing is taken
 * from the heap, except what ESP-IDF's own HTTP server does for its connections.
 */
#ifndef TAILBRIDGE_H
#define TAILBRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"
#include "core/tb_config.h"
#include "core/tb_sleep.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  TB_EVENT_UP,   /* the bridge answers: open your own servers */
  TB_EVENT_DOWN, /* close your own servers and connections before you return */
  TB_EVENT_TIME, /* a time server was heard */
  TB_EVENT_REBOOT, /* about to reboot for want of a tunnel: leave things in order */
  TB_EVENT_SLEEP   /* about to sleep; only after tb_sleep_when_idle */
} tb_event_t;

/* Runs in tailbridge's own task, which does nothing else meanwhile: return within a second. */
typedef void (*tb_event_handler_t)(tb_event_t event, void *argument);

/*
 * Reads the configuration from NVS, namespace "tailbridge", as the table of
 * `bridge device show NAME --format esp-idf` makes it. ESP_ERR_NOT_FOUND: there is none;
 * ESP_ERR_INVALID_ARG: it is not whole, and the log says what is wrong, never a key.
 */
esp_err_t tb_load(tb_config_t *config);

/*
 * Takes a text in any format that the bridge prints (wg-quick, arduino, esp-idf, json, tasmota) and
 * keeps it in NVS for tb_load. Errors as of tb_load.
 */
esp_err_t tb_save(const char *text, size_t length, tb_config_t *config);

/*
 * Starts the supervisor in a task of its own. NVS, the network interfaces and the default event loop
 * must be initialised. The configuration is copied. ESP_ERR_INVALID_STATE: it runs already.
 */
esp_err_t tb_start(const tb_config_t *config);

/* Ends the tunnel; returns when it is gone. It can be started again. Not from an event handler. */
void tb_stop(void);

/* To be called before tb_start; one handler, null for none. */
void tb_on_event(tb_event_handler_t handler, void *argument);

/* The bridge was heard lately. Not what the WireGuard library calls "peer is up". */
bool tb_is_up(void);

/*
 * Lets a socket's outgoing connection leave through the tunnel: binds it to the chip's address there.
 * Needed only where the route hook is not linked in (see the README): then nothing else does it.
 */
esp_err_t tb_bind(int socket);

/*
 * Serves "/" with a greeting, "/status" and "/metrics" on a port of the tunnel alone, while it is up.
 * To be called before tb_start. The greeting is not copied.
 */
esp_err_t tb_serve(uint16_t port, const char *greeting, const char *version);

/*
 * For chips on batteries: deep sleep whenever nobody has asked for anything lately, see tb_sleep.h.
 * To be called before tb_start.
 */
void tb_sleep_when_idle(const tb_sleep_policy_t *policy);

/*
 * The access point that was used last, from RTC memory: with it Wi-Fi comes up without a scan, which
 * is most of the time that a sleeper is awake. False: none is known.
 */
bool tb_last_access_point(uint8_t bssid[6], uint8_t *channel);

/* Something happened that should keep a sleeper awake for a little longer. */
void tb_keep_awake(void);

#ifdef __cplusplus
}
#endif

#endif
