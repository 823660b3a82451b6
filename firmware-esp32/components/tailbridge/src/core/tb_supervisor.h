/*
 * Keeps the tunnel up: notices that it is dead, and brings it back. It does nothing itself: it is
 * told what happens, with the time, and says what to do. One thread, no memory but its own.
 *
 *   WAIT_LINK ──▶ WAIT_CLOCK ──known, or 2 s──▶ CONNECTING ──handshake──▶ UP ──silence──▶ PROBING
 *                                                ▲    │                   ▲               │  │
 *                                                │    └─none─▶ BACKOFF    └────answer─────┘  │
 *                                                ├─next endpoint──┘                          │
 *                                                └───────────────────three misses────────────┘
 *
 * "Up" is not what the WireGuard library calls so: that is true for three minutes after the last
 * handshake, whatever has become of the other side. Here it means that something authentic was heard
 * lately, and after some silence the bridge is asked (ICMP echo to its address in the tunnel).
 */
#ifndef TB_SUPERVISOR_H
#define TB_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "tb_backoff.h"
#include "tb_time.h"

/* All in milliseconds, each below 2^31. */
typedef struct {
  uint32_t clock_wait_ms;     /* for a time server before the first handshake */
  uint32_t attempt_ms;        /* for a handshake; the library sends an initiation every 5 s */
  uint32_t silence_ms;        /* before the bridge is asked */
  uint32_t probe_ms;          /* for its answer */
  uint32_t relink_probe_ms;   /* for its answer when the link has just come back */
  uint32_t probe_misses;      /* in a row, and the tunnel is dead */
  uint32_t backoff_first_ms;
  uint32_t backoff_limit_ms;
  uint32_t stable_ms;         /* up for so long: earlier failures are forgotten */
  uint32_t reboot_first_ms;   /* without a tunnel; doubles with each reboot; 0: never */
  uint32_t reboot_limit_ms;
} tb_policy_t;

/* 2 s, 12 s, 20 s, 5 s, 1.5 s, 3 misses, 1 s to 60 s, 60 s, 15 min to 60 min. */
tb_policy_t tb_policy_default(void);

typedef enum {
  TB_STATE_OFF,
  TB_STATE_WAIT_LINK,
  TB_STATE_WAIT_CLOCK,
  TB_STATE_CONNECTING,
  TB_STATE_BACKOFF,
  TB_STATE_UP,
  TB_STATE_PROBING
} tb_state_t;

/* In lower case, for metrics and logs. */
const char *tb_state_name(tb_state_t state);

/*
 * What to do, as bits; those that are set are to be done in this order. The servers close before the
 * keys go: without keys the tunnel's interface is down, and open connections would go on in clear
 * over the ordinary network.
 */
enum {
  TB_DO_CLOSE_SERVERS = 1 << 0,
  TB_DO_DISCONNECT = 1 << 1,   /* forget the session's keys; the interface stays */
  TB_DO_SET_ENDPOINT = 1 << 2, /* ask for the name's address anew, always */
  TB_DO_CONNECT = 1 << 3,      /* set the clock to the floor if it is below, then begin a handshake */
  TB_DO_OPEN_SERVERS = 1 << 4,
  TB_DO_PROBE = 1 << 5,        /* one echo request with the present probe_number */
  TB_DO_KEEP = 1 << 6,         /* write the clock's floor and the count of reboots */
  TB_DO_REBOOT = 1 << 7
};

typedef struct {
  uint32_t sessions;   /* handshakes that brought the tunnel up */
  uint32_t handshakes; /* those and renewals */
  uint32_t losses;     /* times the tunnel was found dead */
  uint32_t probes;
  uint32_t missed;
  uint32_t rtt_ms; /* of the last answer; 0 before the first */
} tb_supervisor_stats_t;

typedef struct {
  tb_policy_t policy;
  tb_state_t state;
  tb_backoff_t backoff;
  tb_supervisor_stats_t stats;
  tb_deadline_t step;   /* when the present state is over */
  tb_deadline_t retry;  /* to connect again within an attempt, when the name was not known yet */
  tb_deadline_t stable;
  tb_deadline_t reboot;
  uint32_t heard_ms;
  uint32_t handshake_ms;
  uint32_t probe_sent_ms;
  uint32_t actions;
  uint32_t misses;
  uint32_t reboots; /* in a row, without a tunnel */
  uint16_t probe_number;
  uint8_t endpoint; /* index of the present one */
  uint8_t endpoint_count;
  bool link;
  bool clock_ready; /* right, or waited for in vain */
  bool engaged; /* the library has a peer, perhaps keys */
  bool serving;
  bool probe_open; /* the last probe has no answer yet */
  bool proven;     /* a probe was answered in this session */
} tb_supervisor_t;

/*
 * @param endpoint_count 1 to 255
 * @param seed for the jitter
 * @param reboots in a row that were kept from the last life
 */
void tb_supervisor_init(tb_supervisor_t *s, const tb_policy_t *policy, uint8_t endpoint_count,
                        uint32_t seed, uint32_t reboots);

void tb_supervisor_start(tb_supervisor_t *s, uint32_t now_ms);

/* For good; says to close the servers and to disconnect. */
void tb_supervisor_stop(tb_supervisor_t *s);

/* The ordinary network has come or gone. */
void tb_supervisor_link(tb_supervisor_t *s, bool up, uint32_t now_ms);

/* The clock is later than any handshake that was ever made: see tb_clock_known. */
void tb_supervisor_clock(tb_supervisor_t *s, uint32_t now_ms);

typedef enum { TB_CONNECT_BEGUN, TB_CONNECT_LATER, TB_CONNECT_FAILED } tb_connect_t;

/* How TB_DO_CONNECT went; TB_CONNECT_LATER when the endpoint's name is still being asked for. */
void tb_supervisor_connect(tb_supervisor_t *s, tb_connect_t result, uint32_t now_ms);

/* A handshake is complete, whoever began it. */
void tb_supervisor_handshake(tb_supervisor_t *s, uint32_t now_ms);

/* Something authentic came out of the tunnel. */
void tb_supervisor_heard(tb_supervisor_t *s, uint32_t now_ms);

/* An echo reply; one to another probe than the last counts as heard, without a round trip. */
void tb_supervisor_answer(tb_supervisor_t *s, uint16_t probe_number, uint32_t now_ms);

/* What there is to do now. To be called after each of the above, and when tb_supervisor_wait is over. */
uint32_t tb_supervisor_poll(tb_supervisor_t *s, uint32_t now_ms);

/* How long nothing will happen by itself; at most an hour. */
uint32_t tb_supervisor_wait(const tb_supervisor_t *s, uint32_t now_ms);

/* Something authentic was heard within the time that the policy gives. */
static inline bool tb_supervisor_up(const tb_supervisor_t *s) {
  return s->state == TB_STATE_UP || s->state == TB_STATE_PROBING;
}

#endif
