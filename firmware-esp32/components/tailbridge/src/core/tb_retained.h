/*
 * What outlives deep sleep and a reboot in RTC memory, and a loss of power in flash. RTC memory holds
 * rubbish after power came: only a record whose checksum is right counts.
 */
#ifndef TB_RETAINED_H
#define TB_RETAINED_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint32_t magic;
  uint32_t reboots;        /* in a row, for want of a tunnel */
  uint64_t floor_s;        /* of the clock */
  uint32_t sleep_failures; /* wakes in a row that found no tunnel */
  uint8_t bssid[6];        /* of the access point, for a quick start; all zero: not known */
  uint8_t channel;         /* 0: not known */
  uint8_t unused;
  uint32_t check; /* last */
} tb_retained_t;

/* As after the first start ever. */
void tb_retained_clear(tb_retained_t *record);

/* To be called after each change. */
void tb_retained_seal(tb_retained_t *record);

bool tb_retained_valid(const tb_retained_t *record);

/* Takes a record as it was found; one that is not valid is cleared, and the answer is false. */
bool tb_retained_open(tb_retained_t *record);

#endif
