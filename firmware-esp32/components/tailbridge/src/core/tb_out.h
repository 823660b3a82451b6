/* Text into a buffer that may be too small: what fits is written, always with a zero at its end. */
#ifndef TB_OUT_H
#define TB_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *at;
  size_t size;
  size_t length; /* written so far, without the zero */
  bool whole;    /* false once something did not fit */
} tb_out_t;

/* A size of 0 is allowed: then nothing is written, not even the zero. */
tb_out_t tb_out_to(char *at, size_t size);

void tb_out_text(tb_out_t *out, const char *text);

void tb_out_number(tb_out_t *out, uint64_t number);

/* Negative numbers too. */
void tb_out_signed(tb_out_t *out, int32_t number);

/* An address in host order, with dots. */
void tb_out_ipv4(tb_out_t *out, uint32_t address);

#endif
