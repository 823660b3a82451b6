#include "lab.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tb_out.h"

enum { WORDS = 32, WORD = 320 };

/* The command line of lab device for a configuration. */
typedef struct {
  char texts[WORDS][WORD];
  char *words[WORDS + 1];
  int count;
} words_t;

static void add(words_t *words, const char *text) {
  if (words->count < WORDS) {
    char *to = words->texts[words->count];
    snprintf(to, WORD, "%s", text);
    words->words[words->count++] = to;
    words->words[words->count] = NULL;
  }
}

static void option(words_t *words, const char *name, const char *value) {
  if (value[0] != '\0') {
    add(words, name);
    add(words, value);
  }
}

static void fill(words_t *words, const char *program, const tb_config_t *config) {
  char text[WORD];
  words->count = 0;
  add(words, program);
  add(words, "device");
  add(words, "-idle");
  option(words, "-name", config->name);
  option(words, "-private-key", config->private_key);
  option(words, "-peer-key", config->peer_key);
  option(words, "-psk", config->preshared_key);
  tb_out_t out = tb_out_to(text, sizeof text);
  tb_out_ipv4(&out, config->address);
  option(words, "-address", text);
  out = tb_out_to(text, sizeof text);
  for (int i = 0; i < config->allowed_count; i++) {
    tb_out_text(&out, i == 0 ? "" : ",");
    tb_out_ipv4(&out, config->allowed[i].address);
    tb_out_text(&out, "/");
    tb_out_number(&out, config->allowed[i].prefix);
  }
  option(words, "-allowed", text);
  snprintf(text, sizeof text, "%u", config->keepalive_s);
  option(words, "-keepalive", text);
  option(words, "-clock", "1970");
}

bool lab_start(lab_t *lab, const char *program, const tb_config_t *config) {
  static words_t words;
  char line[1024];
  int in[2];
  int out[2];
  fill(&words, program, config);
  if (pipe(in) != 0 || pipe(out) != 0 || (lab->pid = fork()) < 0) {
    perror("lab device");
    return false;
  }
  if (lab->pid == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    close(in[0]);
    close(in[1]);
    close(out[0]);
    close(out[1]);
    execv(program, words.words);
    perror(program);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  lab->to = in[1];
  lab->from = out[0];
  lab->filled = 0;
  return lab_line(lab, 10000, line, sizeof line) && strstr(line, "\"ready\"") != NULL;
}

void lab_stop(lab_t *lab) {
  if (lab->pid > 0) {
    kill(lab->pid, SIGKILL);
    close(lab->to);
    close(lab->from);
    waitpid(lab->pid, NULL, 0);
    lab->pid = 0;
  }
}

bool lab_tell(lab_t *lab, const char *command) {
  char line[512];
  int length = snprintf(line, sizeof line, "%s\n", command);
  return length < (int)sizeof line && write(lab->to, line, (size_t)length) == length;
}

static bool whole_line(lab_t *lab, char *line, size_t size) {
  char *end = memchr(lab->line, '\n', lab->filled);
  if (end == NULL) {
    return false;
  }
  size_t length = (size_t)(end - lab->line);
  size_t kept = length < size ? length : size - 1;
  memcpy(line, lab->line, kept);
  line[kept] = '\0';
  lab->filled -= length + 1;
  memmove(lab->line, end + 1, lab->filled);
  return true;
}

bool lab_line(lab_t *lab, int wait_ms, char *line, size_t size) {
  while (!whole_line(lab, line, size)) {
    struct pollfd from = {.fd = lab->from, .events = POLLIN};
    if (lab->filled == LAB_LINE || poll(&from, 1, wait_ms) <= 0) {
      return false;
    }
    ssize_t more = read(lab->from, lab->line + lab->filled, LAB_LINE - lab->filled);
    if (more <= 0) {
      return false;
    }
    lab->filled += (size_t)more;
  }
  return true;
}

double json_number(const char *line, const char *key, double otherwise) {
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\":", key);
  const char *at = strstr(line, quoted);
  return at == NULL ? otherwise : strtod(at + strlen(quoted), NULL);
}
