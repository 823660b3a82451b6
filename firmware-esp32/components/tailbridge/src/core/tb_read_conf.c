/* wg-quick's file, and Tasmota's, which has a section more. */
#include "tb_config_builder.h"

typedef enum { SECTION_NONE, SECTION_INTERFACE, SECTION_PEER, SECTION_TASMOTA } section_t;

static section_t section_of(tb_span_t line) {
  if (tb_span_is_word(line, "[Interface]")) {
    return SECTION_INTERFACE;
  }
  if (tb_span_is_word(line, "[Peer]")) {
    return SECTION_PEER;
  }
  return tb_span_is_word(line, "[Tasmota]") ? SECTION_TASMOTA : SECTION_NONE;
}

/* Keys that say nothing to a chip, such as MTU and DNS, are TB_FIELD_NONE and skipped. */
static tb_field_t field_of(section_t section, tb_span_t key) {
  if (section == SECTION_INTERFACE) {
    return tb_span_is_word(key, "PrivateKey") ? TB_FIELD_PRIVATE_KEY
           : tb_span_is_word(key, "Address")  ? TB_FIELD_ADDRESS
                                              : TB_FIELD_NONE;
  }
  if (section == SECTION_PEER) {
    return tb_span_is_word(key, "PublicKey")             ? TB_FIELD_PEER_KEY
           : tb_span_is_word(key, "PresharedKey")        ? TB_FIELD_PRESHARED_KEY
           : tb_span_is_word(key, "Endpoint")            ? TB_FIELD_ENDPOINT
           : tb_span_is_word(key, "AllowedIPs")          ? TB_FIELD_ALLOWED
           : tb_span_is_word(key, "PersistentKeepalive") ? TB_FIELD_KEEPALIVE
                                                         : TB_FIELD_NONE;
  }
  return tb_span_is_word(key, "Netmask") ? TB_FIELD_NETMASK : TB_FIELD_NONE;
}

/* The comment in the first line is the device's name, if it could be one. */
static bool is_label(tb_span_t text) {
  for (size_t i = 0; i < text.length; i++) {
    char c = text.at[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')) {
      return false;
    }
  }
  return text.length > 0 && text.length < TB_NAME_SIZE;
}

static bool take_comment(tb_builder_t *builder, tb_span_t line) {
  tb_span_t words = tb_span_trim((tb_span_t){line.at + 1, line.length - 1});
  return builder->line != 1 || !is_label(words) || tb_builder_take(builder, TB_FIELD_NAME, words);
}

bool tb_read_conf(tb_builder_t *builder, tb_span_t text) {
  section_t section = SECTION_NONE;
  int peers = 0;
  tb_span_t line;
  while (tb_span_cut(&text, '\n', &line)) {
    builder->line++;
    line = tb_span_trim(line);
    if (line.length == 0 || line.at[0] == ';') {
      continue;
    }
    if (line.at[0] == '#') {
      if (!take_comment(builder, line)) {
        return false;
      }
      continue;
    }
    if (line.at[0] == '[') {
      section = section_of(line);
      peers += section == SECTION_PEER;
      if (section == SECTION_NONE || peers > 1) {
        return tb_builder_fail(builder, TB_BAD_SYNTAX, TB_FIELD_NONE);
      }
      continue;
    }
    tb_span_t key;
    if (section == SECTION_NONE || !tb_span_cut(&line, '=', &key) || line.at == NULL) {
      return tb_builder_fail(builder, TB_BAD_SYNTAX, TB_FIELD_NONE);
    }
    tb_field_t field = field_of(section, tb_span_trim(key));
    if (field != TB_FIELD_NONE && !tb_builder_take(builder, field, tb_span_trim(line))) {
      return false;
    }
  }
  return true;
}
