/*
 * The WireGuard library of the chip, as far as it matters for coming back: its timers and its quirks,
 * those that were observed on esp_wireguard (firmware-esp32/README.md). No cryptography: a session is
 * a number that both sides have.
 */
#ifndef SIM_LIBRARY_H
#define SIM_LIBRARY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  bool active;        /* connect was called */
  uint32_t session;   /* 0: no keys */
  bool initiator;     /* of this session */
  uint64_t keys_ms;   /* when the keys were made */
  uint64_t sent_ms;   /* last packet in this session */
  uint64_t called_ms; /* last initiation; 0: none */
  bool renew;         /* an initiation is due */
  uint32_t server;    /* address that packets go to; 0: none */
  uint32_t handshakes;
  uint32_t keepalive_ms;
} library_t;

typedef enum { LIBRARY_QUIET, LIBRARY_CALLS, LIBRARY_KEEPS_ALIVE } library_word_t;

/* Its timer, every 400 ms: what it sends, if anything. */
library_word_t library_tick(library_t *library, uint64_t now_ms);

void library_disconnect(library_t *library);

/* A packet goes out in the session; false without keys. */
bool library_send(library_t *library, uint64_t now_ms);

/* A handshake is complete. */
void library_session(library_t *library, uint32_t session, bool initiator, uint64_t now_ms);

#endif
