/* Which format a text has, and what its problems are called. */
#include "tb_config.h"

#include <string.h>

#include "tb_config_builder.h"
#include "tb_out.h"

typedef bool (*reader_t)(tb_builder_t *, tb_span_t);

/* By the first line that is no comment. */
static tb_problem_code_t reader_of(tb_span_t text, reader_t *reader) {
  tb_span_t line;
  while (tb_span_cut(&text, '\n', &line)) {
    line = tb_span_trim(line);
    bool directive = tb_span_starts(line, "#ifndef") || tb_span_starts(line, "#define") ||
                     tb_span_starts(line, "#pragma");
    if (directive) {
      *reader = tb_read_header;
      return TB_OK;
    }
    if (line.length == 0 || line.at[0] == '#' || line.at[0] == ';' || tb_span_starts(line, "//")) {
      continue;
    }
    if (line.at[0] == '{') {
      *reader = tb_read_json;
      return TB_OK;
    }
    if (line.at[0] == '[') {
      *reader = tb_read_conf;
      return TB_OK;
    }
    if (tb_span_is(line, "key,type,encoding,value")) {
      *reader = tb_read_csv;
      return TB_OK;
    }
    bool esphome = tb_span_is(line, "time:") || tb_span_is(line, "wireguard:");
    return esphome ? TB_BAD_ESPHOME : TB_BAD_FORMAT;
  }
  return TB_BAD_FORMAT;
}

/* Half a configuration is of no use, its keys least. */
static bool keep_if(bool good, tb_config_t *config) {
  if (!good) {
    memset(config, 0, sizeof *config);
  }
  return good;
}

bool tb_config_read(const char *text, size_t length, tb_config_t *config, tb_problem_t *problem) {
  tb_builder_t builder;
  tb_span_t span = {text, length};
  reader_t reader = NULL;
  tb_builder_begin(&builder, config, problem);
  if (length > TB_MAX_CONFIG_TEXT) {
    return tb_builder_fail(&builder, TB_BAD_TOO_LONG, TB_FIELD_NONE);
  }
  tb_problem_code_t code = reader_of(span, &reader);
  if (code != TB_OK) {
    return tb_builder_fail(&builder, code, TB_FIELD_NONE);
  }
  return keep_if(reader(&builder, span) && tb_builder_end(&builder), config);
}

bool tb_config_from_parts(const tb_part_t *parts, size_t count, tb_config_t *config,
                          tb_problem_t *problem) {
  tb_builder_t builder;
  tb_builder_begin(&builder, config, problem);
  for (size_t i = 0; i < count; i++) {
    if (parts[i].value != NULL &&
        !tb_builder_take(&builder, parts[i].field, tb_span_of(parts[i].value))) {
      return keep_if(false, config);
    }
  }
  return keep_if(tb_builder_end(&builder), config);
}

static const char *field_name(tb_field_t field) {
  switch (field) {
    case TB_FIELD_NAME:
      return "the name";
    case TB_FIELD_ADDRESS:
      return "the address";
    case TB_FIELD_NETMASK:
      return "the netmask";
    case TB_FIELD_PRIVATE_KEY:
      return "the private key";
    case TB_FIELD_PEER_KEY:
      return "the bridge's public key";
    case TB_FIELD_PRESHARED_KEY:
      return "the preshared key";
    case TB_FIELD_ENDPOINT:
      return "the endpoint";
    case TB_FIELD_HOST:
      return "the endpoint's host";
    case TB_FIELD_PORT:
      return "the endpoint's port";
    case TB_FIELD_ALLOWED:
      return "the allowed IPs";
    case TB_FIELD_KEEPALIVE:
      return "the keepalive";
    case TB_FIELD_NONE:
      break;
  }
  return "the configuration";
}

static const char *sentence(tb_problem_code_t code) {
  switch (code) {
    case TB_OK:
      return " is good";
    case TB_BAD_TOO_LONG:
      return " is longer than 4096 bytes: give one device's text alone";
    case TB_BAD_FORMAT:
      return " has no known format: give what `bridge device show NAME --format wg-quick` prints, "
             "or arduino, esp-idf, json or tasmota";
    case TB_BAD_ESPHOME:
      return " is for ESPHome: this firmware takes `--format wg-quick`, arduino, esp-idf or json";
    case TB_BAD_SYNTAX:
      return " cannot be read here: take the text anew from `bridge device show`";
    case TB_BAD_VALUE:
      return " is not as the bridge prints it: take the text anew from `bridge device show`";
    case TB_BAD_PLACEHOLDER:
      return " is missing: put the device's own key in place of PRIVATE-KEY-OF-...";
    case TB_BAD_DEFAULT_ROUTE:
      return " would send everything into the tunnel, the time too that the tunnel needs: give the "
             "bridge's network instead of 0.0.0.0";
    case TB_BAD_TWICE:
      return " stands there twice: keep one";
    case TB_BAD_TOO_MANY:
      return ": four at most";
    case TB_BAD_MISSING:
      return " is missing";
  }
  return " is bad";
}

void tb_problem_text(const tb_problem_t *problem, char *to, size_t size) {
  tb_out_t out = tb_out_to(to, size);
  if (problem->line > 0) {
    tb_out_text(&out, "line ");
    tb_out_number(&out, problem->line);
    tb_out_text(&out, ": ");
  }
  tb_out_text(&out, field_name(problem->field));
  tb_out_text(&out, sentence(problem->code));
}
