/* The one place where values get into a configuration; each format only finds them. */
#ifndef TB_CONFIG_BUILDER_H
#define TB_CONFIG_BUILDER_H

#include "tb_config.h"
#include "tb_text.h"

typedef struct {
  tb_config_t *config;
  tb_problem_t *problem;
  uint32_t seen; /* one bit for each field */
  uint16_t line; /* that is being read */
} tb_builder_t;

void tb_builder_begin(tb_builder_t *builder, tb_config_t *config, tb_problem_t *problem);

/* Notes the first problem, at the present line. Returns false, for the caller to return. */
bool tb_builder_fail(tb_builder_t *builder, tb_problem_code_t code, tb_field_t field);

/* Takes a value; false when it is bad, and then the problem says why. */
bool tb_builder_take(tb_builder_t *builder, tb_field_t field, tb_span_t value);

/* After the last value: whether all is there. */
bool tb_builder_end(tb_builder_t *builder);

/* What a format calls a field. */
typedef struct {
  const char *word;
  tb_field_t field;
} tb_key_t;

/* TB_FIELD_NONE for a word that is not among them. */
tb_field_t tb_key_field(const tb_key_t *keys, size_t count, tb_span_t word);

#define TB_KEY_FIELD(keys, word) tb_key_field((keys), sizeof(keys) / sizeof((keys)[0]), (word))

/* The readers of the formats: each gives the builder what it finds, and false at a problem. */
bool tb_read_conf(tb_builder_t *builder, tb_span_t text);
bool tb_read_header(tb_builder_t *builder, tb_span_t text);
bool tb_read_csv(tb_builder_t *builder, tb_span_t text);
bool tb_read_json(tb_builder_t *builder, tb_span_t text);

#endif
