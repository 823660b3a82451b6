#include "tb_out.h"

tb_out_t tb_out_to(char *at, size_t size) {
  if (size > 0) {
    at[0] = '\0';
  }
  return (tb_out_t){at, size, 0, true};
}

static void put(tb_out_t *out, char c) {
  if (out->length + 1 >= out->size) {
    out->whole = false;
    return;
  }
  out->at[out->length++] = c;
  out->at[out->length] = '\0';
}

void tb_out_text(tb_out_t *out, const char *text) {
  while (*text != '\0') {
    put(out, *text++);
  }
}

void tb_out_number(tb_out_t *out, uint64_t number) {
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  while (count > 0) {
    put(out, digits[--count]);
  }
}

void tb_out_signed(tb_out_t *out, int32_t number) {
  int64_t wide = number;
  if (wide < 0) {
    put(out, '-');
    wide = -wide;
  }
  tb_out_number(out, (uint64_t)wide);
}

void tb_out_ipv4(tb_out_t *out, uint32_t address) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    tb_out_number(out, address >> shift & 0xff);
    if (shift > 0) {
      put(out, '.');
    }
  }
}
