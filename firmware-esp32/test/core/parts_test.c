/* The small parts: backoff, clock, what is retained, sleep, updates. */
#include <stddef.h>
#include <string.h>

#include "check.h"
#include "tb_backoff.h"
#include "tb_clock.h"
#include "tb_ota.h"
#include "tb_retained.h"
#include "tb_sleep.h"
#include "tests.h"

void test_backoff(void) {
  tb_backoff_t backoff;
  static const uint32_t BOUNDS[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
  uint32_t greatest[9] = {0};
  uint32_t least[9];
  memset(least, 0xff, sizeof least);
  for (uint32_t seed = 0; seed < 500; seed++) {
    tb_backoff_init(&backoff, 1000, 60000, seed * UINT32_C(2654435761));
    for (int i = 0; i < 9; i++) {
      uint32_t pause = tb_backoff_next(&backoff);
      greatest[i] = pause > greatest[i] ? pause : greatest[i];
      least[i] = pause < least[i] ? pause : least[i];
    }
  }
  for (int i = 0; i < 9; i++) {
    CHECK(greatest[i] <= BOUNDS[i]);
    CHECK(greatest[i] > BOUNDS[i] / 10 * 9); /* the whole span is used: full jitter */
    CHECK(least[i] >= 1 && least[i] < BOUNDS[i] / 10);
  }
  tb_backoff_reset(&backoff);
  CHECK(tb_backoff_next(&backoff) <= 1000);
  /* A seed of zero is as good as any. */
  tb_backoff_init(&backoff, 1000, 60000, 0);
  CHECK(tb_backoff_next(&backoff) > 1 || tb_backoff_next(&backoff) > 1);
  /* Extremes do not overflow. */
  tb_backoff_init(&backoff, UINT32_C(0x7fffffff), UINT32_C(0x7fffffff), 3);
  for (int i = 0; i < 100; i++) {
    uint32_t pause = tb_backoff_next(&backoff);
    CHECK(pause >= 1 && pause <= UINT32_C(0x7fffffff));
  }
}

void test_clock(void) {
  const uint64_t build = UINT64_C(1764000000);
  const uint64_t later = UINT64_C(4500000000); /* after 2106, when 32 bits are over */
  tb_clock_t clock;
  /* Never started before, at 1970: the time of the build is the least that it can be. */
  tb_clock_init(&clock, 0, build);
  CHECK_NUMBER(tb_clock_at_start(&clock, 5), build + 1);
  CHECK(!tb_clock_known(&clock));
  /* After a loss of power: a second after what was shown last, so later than any handshake. */
  tb_clock_init(&clock, build + 1000, build);
  CHECK_NUMBER(tb_clock_at_start(&clock, 5), build + 1001);
  CHECK_NUMBER(tb_clock_at_start(&clock, build + 1000), build + 1001);
  /* Deep sleep: the clock went on. */
  CHECK_NUMBER(tb_clock_at_start(&clock, build + 2000), 0);
  CHECK(tb_clock_known(&clock));
  CHECK(!clock.synced);
  CHECK_NUMBER(tb_clock_synced(&clock, build + 90000, build + 1001), build + 90000);
  CHECK(clock.synced);
  /* A time server that is wrong cannot turn it back, neither below the floor nor at all. */
  CHECK_NUMBER(tb_clock_synced(&clock, 3, 7), build + 1001);
  CHECK_NUMBER(tb_clock_synced(&clock, build, build + 5000), build + 5000);
  CHECK_NUMBER(tb_clock_used(&clock, later), later);
  CHECK_NUMBER(tb_clock_used(&clock, build), later);
  CHECK_NUMBER(tb_clock_at_start(&clock, build), later + 1);
}

void test_retained(void) {
  tb_retained_t record;
  memset(&record, 0xa5, sizeof record); /* RTC memory after power came */
  CHECK(!tb_retained_open(&record));
  CHECK_NUMBER(record.floor_s, 0);
  CHECK_NUMBER(record.reboots, 0);
  CHECK(tb_retained_open(&record));
  record.floor_s = UINT64_C(0x123456789a);
  CHECK(!tb_retained_valid(&record));
  tb_retained_seal(&record);
  CHECK(tb_retained_open(&record));
  CHECK_NUMBER(record.floor_s, UINT64_C(0x123456789a));
  /* Every single bit counts. */
  for (size_t bit = 0; bit < sizeof record * 8; bit++) {
    tb_retained_t flipped = record;
    ((unsigned char *)&flipped)[bit / 8] ^= (unsigned char)(1 << bit % 8);
    CHECK(!tb_retained_valid(&flipped));
  }
  CHECK_NUMBER(sizeof record, 32);
  /* Another version's record is whole, and none of ours. */
  record.magic++;
  tb_retained_seal(&record);
  CHECK(!tb_retained_valid(&record));
}

void test_sleep(void) {
  static const uint32_t STARTS[] = {0, UINT32_MAX - 2000};
  for (int i = 0; i < 2; i++) {
    uint32_t woke = STARTS[i];
    tb_sleep_policy_t policy = tb_sleep_policy_default();
    tb_sleep_t sleep;
    uint64_t for_ms = 0;
    tb_sleep_init(&sleep, &policy, 2, woke);
    CHECK(!tb_sleep_due(&sleep, woke + 14999, &for_ms));
    /* No tunnel: asleep again, for ever longer, in the same rhythm. */
    CHECK(tb_sleep_due(&sleep, woke + 15000, &for_ms));
    CHECK_NUMBER(sleep.failures, 3);
    CHECK_NUMBER(for_ms, 480000 - 15000);
    tb_sleep_init(&sleep, &policy, 3, woke);
    CHECK(tb_sleep_due(&sleep, woke + 15000, &for_ms));
    CHECK_NUMBER(for_ms, 480000 - 15000);

    tb_sleep_init(&sleep, &policy, 3, woke);
    tb_sleep_active(&sleep, woke + 100); /* without a tunnel that is nothing */
    tb_sleep_reached(&sleep, woke + 500);
    CHECK_NUMBER(sleep.failures, 0);
    CHECK(!tb_sleep_due(&sleep, woke + 3499, &for_ms));
    tb_sleep_active(&sleep, woke + 3000);
    tb_sleep_reached(&sleep, woke + 3100); /* again: nothing new */
    CHECK(!tb_sleep_due(&sleep, woke + 5999, &for_ms));
    CHECK(tb_sleep_due(&sleep, woke + 6000, &for_ms));
    CHECK_NUMBER(for_ms, 54000);
    /* However much is asked, it ends. */
    for (uint32_t at = 6000; at < 30000; at += 500) {
      tb_sleep_active(&sleep, woke + at);
      CHECK(!tb_sleep_due(&sleep, woke + at, &for_ms));
    }
    tb_sleep_active(&sleep, woke + 30000);
    CHECK(tb_sleep_due(&sleep, woke + 30000, &for_ms));
    CHECK_NUMBER(for_ms, 30000);
    /* Awake for longer than the rhythm: the next beat, and never a sleep of nothing. */
    policy.interval_s = 5;
    policy.linger_ms = 14500;
    tb_sleep_init(&sleep, &policy, 0, woke);
    tb_sleep_reached(&sleep, woke);
    CHECK(tb_sleep_due(&sleep, woke + 14500, &for_ms));
    CHECK_NUMBER(for_ms, 5500);
  }
}

void test_ota(void) {
  tb_ota_trial_t trial;
  tb_ota_init(&trial, false, 600000, 5);
  CHECK_NUMBER(tb_ota_judge(&trial, true, 6), TB_OTA_SETTLED);
  uint32_t start = UINT32_MAX - 1000;
  tb_ota_init(&trial, true, 600000, start);
  CHECK_NUMBER(tb_ota_judge(&trial, false, start + 599999), TB_OTA_ON_TRIAL);
  CHECK_NUMBER(tb_ota_judge(&trial, true, start + 599999), TB_OTA_CONFIRM);
  CHECK_NUMBER(tb_ota_judge(&trial, false, start + 700000), TB_OTA_SETTLED);
  tb_ota_init(&trial, true, 600000, start);
  CHECK_NUMBER(tb_ota_judge(&trial, false, start + 600000), TB_OTA_ROLL_BACK);
  CHECK_NUMBER(tb_ota_judge(&trial, false, start + 600001), TB_OTA_SETTLED);
}
