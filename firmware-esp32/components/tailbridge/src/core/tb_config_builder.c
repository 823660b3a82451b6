#include "tb_config_builder.h"

#include <string.h>

uint32_t tb_netmask(uint8_t prefix) {
  return prefix == 0 ? 0 : UINT32_MAX << (32 - (prefix > 32 ? 32 : prefix));
}

uint32_t tb_config_bridge(const tb_config_t *config) {
  return (config->address & tb_netmask(config->prefix)) + 1;
}

void tb_builder_begin(tb_builder_t *builder, tb_config_t *config, tb_problem_t *problem) {
  memset(config, 0, sizeof *config);
  *problem = (tb_problem_t){TB_OK, TB_FIELD_NONE, 0};
  *builder = (tb_builder_t){config, problem, 0, 0};
}

bool tb_builder_fail(tb_builder_t *builder, tb_problem_code_t code, tb_field_t field) {
  if (builder->problem->code == TB_OK) {
    *builder->problem = (tb_problem_t){code, field, builder->line};
  }
  return false;
}

tb_field_t tb_key_field(const tb_key_t *keys, size_t count, tb_span_t word) {
  for (size_t i = 0; i < count; i++) {
    if (tb_span_is(word, keys[i].word)) {
      return keys[i].field;
    }
  }
  return TB_FIELD_NONE;
}

static int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') {
    return c - 'A';
  }
  if (c >= 'a' && c <= 'z') {
    return c - 'a' + 26;
  }
  if (c >= '0' && c <= '9') {
    return c - '0' + 52;
  }
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* 32 bytes in base64: 43 characters, of which the last carries four bits, and the padding. */
static bool is_key(tb_span_t text) {
  if (text.length != TB_KEY_SIZE - 1 || text.at[43] != '=') {
    return false;
  }
  for (size_t i = 0; i < 43; i++) {
    if (base64_value(text.at[i]) < 0) {
      return false;
    }
  }
  return (base64_value(text.at[42]) & 3) == 0;
}

static bool take_key(tb_builder_t *builder, tb_field_t field, tb_span_t value, char *to) {
  if (field == TB_FIELD_PRIVATE_KEY && tb_span_starts(value, "PRIVATE-KEY-OF-")) {
    return tb_builder_fail(builder, TB_BAD_PLACEHOLDER, field);
  }
  if (!is_key(value) || !tb_span_copy(value, to, TB_KEY_SIZE)) {
    return tb_builder_fail(builder, TB_BAD_VALUE, field);
  }
  return true;
}

/* Characters that a host name or a label of one may have; nothing that needs quoting anywhere. */
static bool is_host(tb_span_t text, bool dots) {
  for (size_t i = 0; i < text.length; i++) {
    char c = text.at[i];
    bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '-' || (dots && (c == '.' || c == '_'));
    if (!fits) {
      return false;
    }
  }
  return text.length > 0;
}

static bool take_host(tb_builder_t *builder, tb_span_t host) {
  tb_config_t *config = builder->config;
  if (config->endpoint_count == TB_MAX_ENDPOINTS) {
    return tb_builder_fail(builder, TB_BAD_TOO_MANY, TB_FIELD_ENDPOINT);
  }
  tb_endpoint_t *endpoint = &config->endpoints[config->endpoint_count];
  if (!is_host(host, true) || !tb_span_copy(host, endpoint->host, TB_HOST_SIZE)) {
    return tb_builder_fail(builder, TB_BAD_VALUE, TB_FIELD_ENDPOINT);
  }
  config->endpoint_count++;
  return true;
}

static bool take_port(tb_builder_t *builder, tb_span_t value) {
  tb_config_t *config = builder->config;
  uint32_t port;
  if (config->endpoint_count == 0) {
    return tb_builder_fail(builder, TB_BAD_MISSING, TB_FIELD_HOST);
  }
  tb_endpoint_t *endpoint = &config->endpoints[config->endpoint_count - 1];
  if (endpoint->port != 0) {
    return tb_builder_fail(builder, TB_BAD_TWICE, TB_FIELD_PORT);
  }
  if (!tb_span_number(value, 65535, &port) || port == 0) {
    return tb_builder_fail(builder, TB_BAD_VALUE, TB_FIELD_PORT);
  }
  endpoint->port = (uint16_t)port;
  return true;
}

static bool take_endpoint(tb_builder_t *builder, tb_span_t value) {
  tb_span_t host;
  tb_span_t port = value;
  if (!tb_span_cut(&port, ':', &host) || port.at == NULL) {
    return tb_builder_fail(builder, TB_BAD_VALUE, TB_FIELD_ENDPOINT);
  }
  return take_host(builder, host) && take_port(builder, port);
}

/* The prefix of a netmask, for masks without holes. */
static bool prefix_of(tb_span_t text, uint32_t *prefix) {
  uint32_t mask;
  if (!tb_span_ipv4(text, &mask)) {
    return false;
  }
  *prefix = 0;
  while (*prefix < 32 && mask != tb_netmask((uint8_t)*prefix)) {
    ++*prefix;
  }
  return mask == tb_netmask((uint8_t)*prefix);
}

/* A.B.C.D/N or A.B.C.D/MASK; an address alone is a /32. */
static bool network_of(tb_span_t text, uint32_t *address, uint32_t *prefix) {
  tb_span_t base;
  *prefix = 32;
  return tb_span_cut(&text, '/', &base) && tb_span_ipv4(base, address) &&
         (text.at == NULL || tb_span_number(text, 32, prefix) || prefix_of(text, prefix));
}

static bool take_address(tb_builder_t *builder, tb_span_t value) {
  uint32_t address;
  uint32_t prefix;
  if (!network_of(value, &address, &prefix) || prefix < 8 || address == 0) {
    return tb_builder_fail(builder, TB_BAD_VALUE, TB_FIELD_ADDRESS);
  }
  builder->config->address = address;
  builder->config->prefix = (uint8_t)prefix;
  return true;
}

static bool take_netmask(tb_builder_t *builder, tb_span_t value) {
  uint32_t prefix;
  if (!prefix_of(value, &prefix) || (prefix > 0 && prefix < 8)) {
    return tb_builder_fail(builder, TB_BAD_VALUE, TB_FIELD_NETMASK);
  }
  if (prefix == 0) {
    /* Tasmota's own default, 0.0.0.0, would send its clock's packets into the tunnel too. */
    return tb_builder_fail(builder, TB_BAD_DEFAULT_ROUTE, TB_FIELD_NETMASK);
  }
  builder->config->prefix = (uint8_t)prefix;
  return true;
}

static bool take_network(tb_builder_t *builder, tb_span_t value) {
  tb_config_t *config = builder->config;
  uint32_t address;
  uint32_t prefix;
  if (config->allowed_count == TB_MAX_NETWORKS) {
    return tb_builder_fail(builder, TB_BAD_TOO_MANY, TB_FIELD_ALLOWED);
  }
  if (!network_of(value, &address, &prefix)) {
    return tb_builder_fail(builder, TB_BAD_VALUE, TB_FIELD_ALLOWED);
  }
  if (prefix == 0) {
    return tb_builder_fail(builder, TB_BAD_DEFAULT_ROUTE, TB_FIELD_ALLOWED);
  }
  tb_network_t *network = &config->allowed[config->allowed_count++];
  network->prefix = (uint8_t)prefix;
  network->address = address & tb_netmask(network->prefix);
  return true;
}

/* Lists are separated by commas or blanks. */
static bool take_allowed(tb_builder_t *builder, tb_span_t value) {
  tb_span_t part;
  while (tb_span_cut(&value, ',', &part)) {
    tb_span_t word;
    part = tb_span_trim(part);
    while (tb_span_cut(&part, ' ', &word)) {
      word = tb_span_trim(word);
      if (word.length > 0 && !take_network(builder, word)) {
        return false;
      }
    }
  }
  return true;
}

static bool take_name(tb_builder_t *builder, tb_span_t value) {
  return (is_host(value, false) && tb_span_copy(value, builder->config->name, TB_NAME_SIZE)) ||
         tb_builder_fail(builder, TB_BAD_VALUE, TB_FIELD_NAME);
}

static bool take_keepalive(tb_builder_t *builder, tb_span_t value) {
  uint32_t seconds;
  if (!tb_span_number(value, 65535, &seconds)) {
    return tb_builder_fail(builder, TB_BAD_VALUE, TB_FIELD_KEEPALIVE);
  }
  builder->config->keepalive_s = (uint16_t)seconds;
  return true;
}

bool tb_builder_take(tb_builder_t *builder, tb_field_t field, tb_span_t value) {
  tb_config_t *config = builder->config;
  bool repeatable = field == TB_FIELD_ENDPOINT || field == TB_FIELD_HOST ||
                    field == TB_FIELD_PORT || field == TB_FIELD_ALLOWED;
  uint32_t bit = UINT32_C(1) << field;
  if (!repeatable && (builder->seen & bit) != 0) {
    return tb_builder_fail(builder, TB_BAD_TWICE, field);
  }
  builder->seen |= bit;
  switch (field) {
    case TB_FIELD_NAME:
      return take_name(builder, value);
    case TB_FIELD_ADDRESS:
      return take_address(builder, value);
    case TB_FIELD_NETMASK:
      return take_netmask(builder, value);
    case TB_FIELD_PRIVATE_KEY:
      return take_key(builder, field, value, config->private_key);
    case TB_FIELD_PEER_KEY:
      return take_key(builder, field, value, config->peer_key);
    case TB_FIELD_PRESHARED_KEY:
      return take_key(builder, field, value, config->preshared_key);
    case TB_FIELD_ENDPOINT:
      return take_endpoint(builder, value);
    case TB_FIELD_HOST:
      return take_host(builder, value);
    case TB_FIELD_PORT:
      return take_port(builder, value);
    case TB_FIELD_ALLOWED:
      return take_allowed(builder, value);
    case TB_FIELD_KEEPALIVE:
      return take_keepalive(builder, value);
    case TB_FIELD_NONE:
      break;
  }
  return true;
}

bool tb_builder_end(tb_builder_t *builder) {
  tb_config_t *config = builder->config;
  builder->line = 0;
  if (config->address == 0) {
    return tb_builder_fail(builder, TB_BAD_MISSING, TB_FIELD_ADDRESS);
  }
  if (config->private_key[0] == '\0') {
    return tb_builder_fail(builder, TB_BAD_MISSING, TB_FIELD_PRIVATE_KEY);
  }
  if (config->peer_key[0] == '\0') {
    return tb_builder_fail(builder, TB_BAD_MISSING, TB_FIELD_PEER_KEY);
  }
  if (config->endpoint_count == 0) {
    return tb_builder_fail(builder, TB_BAD_MISSING, TB_FIELD_ENDPOINT);
  }
  for (uint8_t i = 0; i < config->endpoint_count; i++) {
    if (config->endpoints[i].port == 0) {
      return tb_builder_fail(builder, TB_BAD_MISSING, TB_FIELD_PORT);
    }
  }
  if (config->prefix == 32) {
    /* A lone address has no network, and no bridge in it to ask; the bridge's default is /24. */
    config->prefix = 24;
  }
  if (config->allowed_count == 0) {
    uint32_t mask = tb_netmask(config->prefix);
    config->allowed[0] = (tb_network_t){config->address & mask, config->prefix};
    config->allowed_count = 1;
  }
  return true;
}
