#include "tb_backoff.h"

void tb_backoff_init(tb_backoff_t *backoff, uint32_t first_ms, uint32_t limit_ms, uint32_t seed) {
  /* Xorshift stays at zero for ever. */
  *backoff = (tb_backoff_t){first_ms, limit_ms, 0, seed == 0 ? UINT32_C(0x9e3779b9) : seed};
}

/* Marsaglia's xorshift32. */
static uint32_t next_random(tb_backoff_t *backoff) {
  uint32_t x = backoff->random;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  backoff->random = x;
  return x;
}

uint32_t tb_backoff_next(tb_backoff_t *backoff) {
  uint32_t bound = backoff->first_ms;
  for (uint32_t i = 0; i < backoff->tries && bound < backoff->limit_ms; i++) {
    bound = bound > backoff->limit_ms / 2 ? backoff->limit_ms : bound * 2;
  }
  backoff->tries += backoff->tries < 32;
  return 1 + (uint32_t)((uint64_t)next_random(backoff) * bound >> 32);
}

void tb_backoff_reset(tb_backoff_t *backoff) { backoff->tries = 0; }
