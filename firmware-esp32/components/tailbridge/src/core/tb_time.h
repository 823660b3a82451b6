/*
 * Ticks: milliseconds since the chip started, in 32 bits, that wrap around every 49.7 days. Spans
 * stay below 2^31 ms, so "has it come" is the sign of a difference.
 */
#ifndef TB_TIME_H
#define TB_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* The point in time has come, or is past. */
static inline bool tb_time_reached(uint32_t now_ms, uint32_t point_ms) {
  return (int32_t)(now_ms - point_ms) >= 0;
}

/* A point in time that may be none. */
typedef struct {
  uint32_t at_ms;
  bool set;
} tb_deadline_t;

static inline tb_deadline_t tb_deadline_in(uint32_t now_ms, uint32_t delay_ms) {
  tb_deadline_t deadline = {now_ms + delay_ms, true};
  return deadline;
}

static inline tb_deadline_t tb_deadline_none(void) {
  tb_deadline_t deadline = {0, false};
  return deadline;
}

static inline bool tb_deadline_due(tb_deadline_t deadline, uint32_t now_ms) {
  return deadline.set && tb_time_reached(now_ms, deadline.at_ms);
}

/* The shorter of a wait and the time that is left until the deadline. */
static inline uint32_t tb_deadline_sooner(tb_deadline_t deadline, uint32_t now_ms, uint32_t wait_ms) {
  if (!deadline.set) {
    return wait_ms;
  }
  uint32_t left = tb_time_reached(now_ms, deadline.at_ms) ? 0 : deadline.at_ms - now_ms;
  return left < wait_ms ? left : wait_ms;
}

#endif
