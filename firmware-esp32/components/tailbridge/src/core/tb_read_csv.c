/* The table for ESP-IDF's NVS generator: key,type,encoding,value. */
#include "tb_config_builder.h"

static const tb_key_t KEYS[] = {
    {"name", TB_FIELD_NAME},
    {"address", TB_FIELD_ADDRESS},
    {"netmask", TB_FIELD_NETMASK},
    {"private_key", TB_FIELD_PRIVATE_KEY},
    {"peer_key", TB_FIELD_PEER_KEY},
    {"psk", TB_FIELD_PRESHARED_KEY},
    {"keepalive", TB_FIELD_KEEPALIVE},
    {"allowed", TB_FIELD_ALLOWED},
};

static tb_field_t field_of(tb_span_t key) {
  tb_field_t field = TB_KEY_FIELD(KEYS, key);
  if (field != TB_FIELD_NONE) {
    return field;
  }
  /* Further endpoints are host2 and port2, and so on. */
  return tb_span_starts(key, "host")   ? TB_FIELD_HOST
         : tb_span_starts(key, "port") ? TB_FIELD_PORT
                                       : TB_FIELD_NONE;
}

bool tb_read_csv(tb_builder_t *builder, tb_span_t text) {
  tb_span_t line;
  while (tb_span_cut(&text, '\n', &line)) {
    tb_span_t key;
    tb_span_t type;
    tb_span_t encoding;
    builder->line++;
    line = tb_span_trim(line);
    if (line.length == 0 || line.at[0] == '#') {
      continue;
    }
    if (!tb_span_cut(&line, ',', &key) || !tb_span_cut(&line, ',', &type) ||
        !tb_span_cut(&line, ',', &encoding) || line.at == NULL) {
      return tb_builder_fail(builder, TB_BAD_SYNTAX, TB_FIELD_NONE);
    }
    if (!tb_span_is(type, "data")) {
      continue; /* the head of the table and the name of the namespace */
    }
    tb_field_t field = field_of(key);
    if (field != TB_FIELD_NONE && !tb_builder_take(builder, field, line)) {
      return false;
    }
  }
  return true;
}
