/* The header tailbridge_secrets.h: lines of #define TAILBRIDGE_NAME VALUE. */
#include "tb_config_builder.h"

#include <string.h>

static const tb_key_t KEYS[] = {
    {"NAME", TB_FIELD_NAME},
    {"ADDRESS", TB_FIELD_ADDRESS},
    {"NETMASK", TB_FIELD_NETMASK},
    {"PRIVATE_KEY", TB_FIELD_PRIVATE_KEY},
    {"PEER_PUBLIC_KEY", TB_FIELD_PEER_KEY},
    {"PRESHARED_KEY", TB_FIELD_PRESHARED_KEY},
    {"KEEPALIVE_SECONDS", TB_FIELD_KEEPALIVE},
};

static tb_field_t field_of(tb_span_t key) {
  tb_field_t field = TB_KEY_FIELD(KEYS, key);
  if (field != TB_FIELD_NONE) {
    return field;
  }
  /* Further endpoints are ENDPOINT_HOST_2 and so on, each host before its port. */
  return tb_span_starts(key, "ENDPOINT_HOST")   ? TB_FIELD_HOST
         : tb_span_starts(key, "ENDPOINT_PORT") ? TB_FIELD_PORT
                                                : TB_FIELD_NONE;
}

/* Without its quotes, if it has any. */
static bool unquote(tb_span_t *value) {
  if (value->length == 0 || value->at[0] != '"') {
    return true;
  }
  if (value->length < 2 || value->at[value->length - 1] != '"') {
    return false;
  }
  *value = (tb_span_t){value->at + 1, value->length - 2};
  return memchr(value->at, '"', value->length) == NULL;
}

static bool tail(tb_span_t text, const char *prefix, tb_span_t *rest) {
  size_t length = strlen(prefix);
  if (!tb_span_starts(text, prefix)) {
    return false;
  }
  *rest = (tb_span_t){text.at + length, text.length - length};
  return true;
}

/* An allowed network is two lines, its address and then its mask. */
typedef struct {
  tb_span_t base;
  bool open;
} network_t;

static bool take_mask(tb_builder_t *builder, network_t *network, tb_span_t mask) {
  char text[sizeof "255.255.255.255/255.255.255.255"];
  size_t base = network->base.length;
  if (!network->open || base + 1 + mask.length > sizeof text) {
    return tb_builder_fail(builder, TB_BAD_VALUE, TB_FIELD_ALLOWED);
  }
  network->open = false;
  memcpy(text, network->base.at, base);
  text[base] = '/';
  memcpy(text + base + 1, mask.at, mask.length);
  return tb_builder_take(builder, TB_FIELD_ALLOWED, (tb_span_t){text, base + 1 + mask.length});
}

static bool take_line(tb_builder_t *builder, tb_span_t key, tb_span_t value, network_t *network) {
  tb_span_t number;
  if (!unquote(&value)) {
    return tb_builder_fail(builder, TB_BAD_SYNTAX, TB_FIELD_NONE);
  }
  if (tail(key, "ALLOWED_IP_", &number)) {
    *network = (network_t){value, true};
    return true;
  }
  if (tail(key, "ALLOWED_MASK_", &number)) {
    return take_mask(builder, network, value);
  }
  tb_field_t field = field_of(key);
  return field == TB_FIELD_NONE || tb_builder_take(builder, field, value);
}

bool tb_read_header(tb_builder_t *builder, tb_span_t text) {
  network_t network = {{NULL, 0}, false};
  tb_span_t line;
  while (tb_span_cut(&text, '\n', &line)) {
    tb_span_t rest;
    tb_span_t key;
    builder->line++;
    if (!tail(tb_span_trim(line), "#define TAILBRIDGE_", &rest)) {
      continue; /* guards, comments and other people's lines */
    }
    tb_span_cut(&rest, ' ', &key);
    if (rest.at != NULL && !take_line(builder, key, tb_span_trim(rest), &network)) {
      return false;
    }
  }
  return !network.open || tb_builder_fail(builder, TB_BAD_MISSING, TB_FIELD_NETMASK);
}
