/* Pieces of text and what can be read from them. Nothing is copied, nothing ends with a zero. */
#ifndef TB_TEXT_H
#define TB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of somebody else's text. It lives as long as that does. */
typedef struct {
  const char *at;
  size_t length;
} tb_span_t;

/* The whole of a string that ends with a zero. */
tb_span_t tb_span_of(const char *text);

/* Without the blanks, tabs and carriage returns at both ends. */
tb_span_t tb_span_trim(tb_span_t span);

bool tb_span_is(tb_span_t span, const char *word);

/* As above; letters of either case are the same (ASCII). */
bool tb_span_is_word(tb_span_t span, const char *word);

bool tb_span_starts(tb_span_t span, const char *prefix);

/* Takes everything up to a separator, which is taken too and is in neither. False at the end. */
bool tb_span_cut(tb_span_t *rest, char separator, tb_span_t *piece);

/* Copies it and ends it with a zero; false when it does not fit, and then the target is empty. */
bool tb_span_copy(tb_span_t span, char *to, size_t size);

/* A decimal number without sign. */
bool tb_span_number(tb_span_t span, uint32_t most, uint32_t *number);

/* Four decimal numbers with dots; the address in host order. */
bool tb_span_ipv4(tb_span_t span, uint32_t *address);

#endif
