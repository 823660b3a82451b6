/* How long to wait before the next try: full jitter, so that a fleet does not come in step. */
#ifndef TB_BACKOFF_H
#define TB_BACKOFF_H

#include <stdint.h>

typedef struct {
  uint32_t first_ms;
  uint32_t limit_ms;
  uint32_t tries; /* since the last success */
  uint32_t random;
} tb_backoff_t;

/* The seed should differ from chip to chip and from start to start; any value is allowed. */
void tb_backoff_init(tb_backoff_t *backoff, uint32_t first_ms, uint32_t limit_ms, uint32_t seed);

/* From 1 ms to a bound that doubles with each try, from first_ms to limit_ms. */
uint32_t tb_backoff_next(tb_backoff_t *backoff);

void tb_backoff_reset(tb_backoff_t *backoff);

#endif
