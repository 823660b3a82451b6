/*
 * When a chip that sleeps goes back to sleep, and for how long. It wakes in a fixed rhythm, which the
 * bridge can learn: the time awake is part of the interval. Keys do not survive deep sleep, so each
 * wake begins with a handshake.
 */
#ifndef TB_SLEEP_H
#define TB_SLEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "tb_time.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  uint32_t interval_s;  /* from wake to wake, 1 to 86400 */
  uint32_t linger_ms;   /* awake after the tunnel came up and after each activity */
  uint32_t longest_ms;  /* awake at most, whatever is asked of it */
  uint32_t give_up_ms;  /* awake without a tunnel */
} tb_sleep_policy_t;

typedef struct {
  tb_sleep_policy_t policy;
  uint32_t woke_ms;
  tb_deadline_t until;
  uint32_t failures; /* wakes in a row without a tunnel; to be kept */
  bool reached;      /* the tunnel came up in this wake */
} tb_sleep_t;

/* An interval of a minute, 3 s of lingering, 30 s at most, 15 s for the tunnel. */
tb_sleep_policy_t tb_sleep_policy_default(void);

void tb_sleep_init(tb_sleep_t *sleep, const tb_sleep_policy_t *policy, uint32_t failures,
                   uint32_t now_ms);

/* The tunnel is up. */
void tb_sleep_reached(tb_sleep_t *sleep, uint32_t now_ms);

/* Somebody asked something: more may follow. */
void tb_sleep_active(tb_sleep_t *sleep, uint32_t now_ms);

/*
 * Whether to sleep now, and for how long. After wakes in vain the interval doubles, three times at
 * most: a bridge that is away must not cost the battery.
 */
bool tb_sleep_due(tb_sleep_t *sleep, uint32_t now_ms, uint64_t *sleep_ms);

#ifdef __cplusplus
}
#endif

#endif
