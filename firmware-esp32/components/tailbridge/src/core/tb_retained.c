#include "tb_retained.h"

#include <stddef.h>
#include <string.h>

static const uint32_t MAGIC = UINT32_C(0x74623031); /* "tb01": its last letters are the version */

/* CRC-32 (IEEE 802.3), a bit at a time: there are 28 bytes. */
static uint32_t check_of(const tb_retained_t *record) {
  uint8_t bytes[offsetof(tb_retained_t, check)];
  uint32_t crc = UINT32_MAX;
  memcpy(bytes, record, sizeof bytes);
  for (size_t i = 0; i < sizeof bytes; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) {
      crc = crc >> 1 ^ ((crc & 1) != 0 ? UINT32_C(0xedb88320) : 0);
    }
  }
  return ~crc;
}

void tb_retained_clear(tb_retained_t *record) {
  memset(record, 0, sizeof *record);
  record->magic = MAGIC;
  tb_retained_seal(record);
}

void tb_retained_seal(tb_retained_t *record) { record->check = check_of(record); }

bool tb_retained_valid(const tb_retained_t *record) {
  return record->magic == MAGIC && record->check == check_of(record);
}

bool tb_retained_open(tb_retained_t *record) {
  bool valid = tb_retained_valid(record);
  if (!valid) {
    tb_retained_clear(record);
  }
  return valid;
}
