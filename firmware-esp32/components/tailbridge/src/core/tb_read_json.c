/* One JSON object (RFC 8259), as the bridge prints it; what it does not know it skips. */
#include "tb_config_builder.h"

enum { MOST_DEPTH = 8, TEXT_SIZE = 256 };

typedef struct {
  const char *at;
  const char *end;
  tb_builder_t *builder;
} reader_t;

/* A string that has been read, without its escapes. */
typedef struct {
  char text[TEXT_SIZE];
  size_t length;
} string_t;

static bool broken(reader_t *reader) {
  return tb_builder_fail(reader->builder, TB_BAD_SYNTAX, TB_FIELD_NONE);
}

/* The next character that is no space, or a zero at the end; it is not taken. */
static char peek(reader_t *reader) {
  while (reader->at < reader->end) {
    char c = *reader->at;
    if (c == '\n') {
      reader->builder->line++;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      return c;
    }
    reader->at++;
  }
  return '\0';
}

static bool take(reader_t *reader, char wanted) {
  if (peek(reader) != wanted) {
    return false;
  }
  reader->at++;
  return true;
}

static int hex_value(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/* After a backslash. Only ASCII is expected: anything else becomes a character that fits nowhere. */
static bool read_escape(reader_t *reader, char *c) {
  if (reader->at == reader->end) {
    return false;
  }
  *c = *reader->at++;
  if (*c == 'n' || *c == 'r' || *c == 't' || *c == 'b' || *c == 'f') {
    *c = ' ';
    return true;
  }
  if (*c != 'u') {
    return *c == '"' || *c == '\\' || *c == '/';
  }
  int code = 0;
  for (int i = 0; i < 4; i++) {
    int digit = reader->at < reader->end ? hex_value(*reader->at++) : -1;
    if (digit < 0) {
      return false;
    }
    code = code * 16 + digit;
  }
  *c = code >= 0x20 && code < 0x7f ? (char)code : '?';
  return true;
}

/* What does not fit is cut, and is then longer than anything that is taken. */
static bool read_string(reader_t *reader, string_t *to) {
  to->length = 0;
  if (!take(reader, '"')) {
    return broken(reader);
  }
  while (reader->at < reader->end && *reader->at != '"') {
    char c = *reader->at++;
    if ((unsigned char)c < 0x20 || (c == '\\' && !read_escape(reader, &c))) {
      return broken(reader);
    }
    if (to->length < TEXT_SIZE) {
      to->text[to->length++] = c;
    }
  }
  return reader->at < reader->end ? take(reader, '"') : broken(reader);
}

/* Numbers, true, false and null. */
static tb_span_t read_word(reader_t *reader) {
  const char *from = reader->at;
  while (reader->at < reader->end &&
         ((*reader->at >= '0' && *reader->at <= '9') || (*reader->at >= 'a' && *reader->at <= 'z') ||
          *reader->at == '-' || *reader->at == '+' || *reader->at == '.' || *reader->at == 'E')) {
    reader->at++;
  }
  return (tb_span_t){from, (size_t)(reader->at - from)};
}

/* A value that nobody asked for. Brackets are counted, not recursed into. */
static bool skip_value(reader_t *reader) {
  int depth = 0;
  string_t ignored;
  do {
    char c = peek(reader);
    if (c == '"') {
      if (!read_string(reader, &ignored)) {
        return false;
      }
    } else if (c == '{' || c == '[') {
      reader->at++;
      if (++depth > MOST_DEPTH) {
        return broken(reader);
      }
    } else if ((c == '}' || c == ']' || c == ',' || c == ':') && depth > 0) {
      reader->at++;
      depth -= c == '}' || c == ']';
    } else if (read_word(reader).length == 0) {
      return broken(reader);
    }
  } while (depth > 0);
  return true;
}

static bool take_scalar(reader_t *reader, tb_field_t field) {
  string_t string;
  if (peek(reader) != '"') {
    tb_span_t word = read_word(reader);
    return word.length == 0 ? broken(reader) : tb_builder_take(reader->builder, field, word);
  }
  return read_string(reader, &string) &&
         tb_builder_take(reader->builder, field, (tb_span_t){string.text, string.length});
}

/* A string, a number, or a list of them. */
static bool take_value(reader_t *reader, tb_field_t field) {
  if (!take(reader, '[')) {
    return take_scalar(reader, field);
  }
  if (take(reader, ']')) {
    return true;
  }
  do {
    if (!take_scalar(reader, field)) {
      return false;
    }
  } while (take(reader, ','));
  return take(reader, ']') || broken(reader);
}

static tb_field_t field_of(tb_span_t key) {
  static const tb_key_t KEYS[] = {
      {"name", TB_FIELD_NAME},
      {"address", TB_FIELD_ADDRESS},
      {"netmask", TB_FIELD_NETMASK},
      {"privateKey", TB_FIELD_PRIVATE_KEY},
      {"presharedKey", TB_FIELD_PRESHARED_KEY},
      {"bridgePublicKey", TB_FIELD_PEER_KEY},
      {"endpoint", TB_FIELD_ENDPOINT},
      {"allowedIps", TB_FIELD_ALLOWED},
      {"keepaliveSeconds", TB_FIELD_KEEPALIVE},
  };
  return TB_KEY_FIELD(KEYS, key);
}

static bool take_member(reader_t *reader) {
  string_t key;
  if (!read_string(reader, &key)) {
    return false;
  }
  tb_field_t field = field_of((tb_span_t){key.text, key.length});
  if (!take(reader, ':')) {
    return broken(reader);
  }
  return field == TB_FIELD_NONE ? skip_value(reader) : take_value(reader, field);
}

bool tb_read_json(tb_builder_t *builder, tb_span_t text) {
  reader_t reader = {text.at, text.at + text.length, builder};
  builder->line = 1;
  if (!take(&reader, '{')) {
    return broken(&reader);
  }
  if (!take(&reader, '}')) {
    do {
      if (!take_member(&reader)) {
        return false;
      }
    } while (take(&reader, ','));
    if (!take(&reader, '}')) {
      return broken(&reader);
    }
  }
  return peek(&reader) == '\0' || broken(&reader);
}
