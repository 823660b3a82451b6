#include "tb_sleep.h"

enum { MOST_DOUBLINGS = 3, SHORTEST_SLEEP_MS = 1000 };

tb_sleep_policy_t tb_sleep_policy_default(void) {
  return (tb_sleep_policy_t){
      .interval_s = 60, .linger_ms = 3000, .longest_ms = 30000, .give_up_ms = 15000};
}

void tb_sleep_init(tb_sleep_t *sleep, const tb_sleep_policy_t *policy, uint32_t failures,
                   uint32_t now_ms) {
  *sleep = (tb_sleep_t){*policy, now_ms, tb_deadline_in(now_ms, policy->give_up_ms), failures, false};
}

/* Never longer than the policy says. */
static void stay(tb_sleep_t *sleep, uint32_t now_ms) {
  uint32_t awake = now_ms - sleep->woke_ms;
  uint32_t left = awake < sleep->policy.longest_ms ? sleep->policy.longest_ms - awake : 0;
  uint32_t linger = sleep->policy.linger_ms < left ? sleep->policy.linger_ms : left;
  tb_deadline_t until = tb_deadline_in(now_ms, linger);
  if (tb_time_reached(until.at_ms, sleep->until.at_ms) || !sleep->reached) {
    sleep->until = until;
  }
}

void tb_sleep_reached(tb_sleep_t *sleep, uint32_t now_ms) {
  if (!sleep->reached) {
    stay(sleep, now_ms);
    sleep->reached = true;
    sleep->failures = 0;
  }
}

void tb_sleep_active(tb_sleep_t *sleep, uint32_t now_ms) {
  if (sleep->reached) {
    stay(sleep, now_ms);
  }
}

bool tb_sleep_due(tb_sleep_t *sleep, uint32_t now_ms, uint64_t *sleep_ms) {
  if (!tb_deadline_due(sleep->until, now_ms)) {
    return false;
  }
  uint64_t interval_ms = (uint64_t)sleep->policy.interval_s * 1000;
  if (!sleep->reached) {
    sleep->failures += sleep->failures < MOST_DOUBLINGS;
    interval_ms <<= sleep->failures;
  }
  uint64_t into = (uint64_t)(now_ms - sleep->woke_ms) % interval_ms;
  uint64_t left = interval_ms - into;
  *sleep_ms = left < SHORTEST_SLEEP_MS ? left + interval_ms : left;
  return true;
}
