#include "tb_text.h"

#include <string.h>

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

tb_span_t tb_span_of(const char *text) { return (tb_span_t){text, strlen(text)}; }

tb_span_t tb_span_trim(tb_span_t span) {
  while (span.length > 0 && is_blank(span.at[0])) {
    span.at++;
    span.length--;
  }
  while (span.length > 0 && is_blank(span.at[span.length - 1])) {
    span.length--;
  }
  return span;
}

bool tb_span_is(tb_span_t span, const char *word) {
  return span.length == strlen(word) && memcmp(span.at, word, span.length) == 0;
}

bool tb_span_is_word(tb_span_t span, const char *word) {
  size_t i = 0;
  while (i < span.length && word[i] != '\0' && lower(span.at[i]) == lower(word[i])) {
    i++;
  }
  return i == span.length && word[i] == '\0';
}

bool tb_span_starts(tb_span_t span, const char *prefix) {
  size_t length = strlen(prefix);
  return span.length >= length && memcmp(span.at, prefix, length) == 0;
}

bool tb_span_cut(tb_span_t *rest, char separator, tb_span_t *piece) {
  if (rest->at == NULL) {
    return false;
  }
  const char *found =
      rest->length == 0 ? NULL : memchr(rest->at, separator, rest->length);
  if (found == NULL) {
    *piece = *rest;
    *rest = (tb_span_t){NULL, 0};
    return true;
  }
  size_t length = (size_t)(found - rest->at);
  *piece = (tb_span_t){rest->at, length};
  *rest = (tb_span_t){found + 1, rest->length - length - 1};
  return true;
}

bool tb_span_copy(tb_span_t span, char *to, size_t size) {
  if (span.length >= size) {
    to[0] = '\0';
    return false;
  }
  if (span.length > 0) {
    memcpy(to, span.at, span.length);
  }
  to[span.length] = '\0';
  return true;
}

bool tb_span_number(tb_span_t span, uint32_t most, uint32_t *number) {
  uint64_t value = 0;
  if (span.length == 0 || span.length > 10) {
    return false;
  }
  for (size_t i = 0; i < span.length; i++) {
    if (span.at[i] < '0' || span.at[i] > '9') {
      return false;
    }
    value = value * 10 + (uint64_t)(span.at[i] - '0');
  }
  if (value > most) {
    return false;
  }
  *number = (uint32_t)value;
  return true;
}

bool tb_span_ipv4(tb_span_t span, uint32_t *address) {
  uint32_t value = 0;
  tb_span_t part;
  int parts = 0;
  while (tb_span_cut(&span, '.', &part)) {
    uint32_t byte;
    if (part.length > 3 || !tb_span_number(part, 255, &byte)) {
      return false;
    }
    value = value << 8 | byte;
    parts++;
  }
  if (parts != 4) {
    return false;
  }
  *address = value;
  return true;
}
