/*
 * Throws broken configurations and wild orders of events at the core, for a number of seconds. It
 * stands beside the sanitizers: what it looks for are their reports, and broken promises.
 *
 * usage: fuzz SECONDS [SEED]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "tb_config.h"
#include "tb_supervisor.h"

static uint64_t state;

/* Steele's splitmix64. */
static uint32_t draw(uint32_t below) {
  uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static void promise(bool kept, const char *what) {
  if (!kept) {
    printf("broken: %s\n", what);
    abort();
  }
}

static bool all_zero(const void *at, size_t size) {
  const unsigned char *bytes = at;
  for (size_t i = 0; i < size; i++) {
    if (bytes[i] != 0) {
      return false;
    }
  }
  return true;
}

static void check_good(const tb_config_t *c) {
  promise(strlen(c->private_key) == 44 && strlen(c->peer_key) == 44, "keys are whole");
  promise(c->preshared_key[0] == '\0' || strlen(c->preshared_key) == 44, "preshared key");
  promise(c->prefix >= 8 && c->prefix < 32 && c->address != 0, "address");
  promise(c->endpoint_count >= 1 && c->endpoint_count <= TB_MAX_ENDPOINTS, "endpoints");
  promise(c->allowed_count >= 1 && c->allowed_count <= TB_MAX_NETWORKS, "networks");
  for (int i = 0; i < c->endpoint_count; i++) {
    promise(c->endpoints[i].port != 0 && c->endpoints[i].host[0] != '\0', "endpoint");
    promise(memchr(c->endpoints[i].host, '\0', TB_HOST_SIZE) != NULL, "host ends");
    promise(strpbrk(c->endpoints[i].host, "\"\\ \n") == NULL, "host needs no quoting");
  }
  for (int i = 0; i < c->allowed_count; i++) {
    promise(c->allowed[i].prefix != 0, "never the default route");
    promise((c->allowed[i].address & ~tb_netmask(c->allowed[i].prefix)) == 0, "network's base");
  }
}

/* A golden file with some damage: bytes, cuts, repeats, and pieces of another one. */
static size_t damaged(char *text, size_t room) {
  const golden_t *file = &GOLDENS[draw((uint32_t)GOLDEN_COUNT)];
  size_t length = file->length < room ? file->length : room;
  memcpy(text, file->text, length);
  for (uint32_t damage = draw(6); damage > 0 && length > 0; damage--) {
    size_t at = draw((uint32_t)length);
    switch (draw(6)) {
      case 0:
        text[at] = (char)draw(256);
        break;
      case 1:
        text[at] = "\n\r \"\\=#,:/[]{}.0"[draw(16)];
        break;
      case 2:
        length = at;
        break;
      case 3: {
        size_t gone = 1 + draw((uint32_t)(length - at));
        memmove(text + at, text + at + gone, length - at - gone);
        length -= gone;
        break;
      }
      case 4: {
        size_t more = 1 + draw((uint32_t)(length - at));
        more = more > room - length ? room - length : more;
        memmove(text + at + more, text + at, length - at);
        length += more;
        break;
      }
      default: {
        const golden_t *other = &GOLDENS[draw((uint32_t)GOLDEN_COUNT)];
        size_t from = draw(other->length);
        size_t some = 1 + draw(other->length - (uint32_t)from);
        some = some > length - at ? length - at : some;
        memcpy(text + at, other->text + from, some);
      }
    }
  }
  return length;
}

static bool fuzz_config(void) {
  tb_config_t config;
  tb_problem_t problem;
  char words[300];
  char room[5000];
  size_t length = damaged(room, sizeof room);
  /* Of its own length on the heap, so that the sanitizer sees a byte too far. */
  char *text = malloc(length == 0 ? 1 : length);
  if (text == NULL) {
    abort();
  }
  memcpy(text, room, length);
  bool good = tb_config_read(text, length, &config, &problem);
  free(text);
  promise(good == (problem.code == TB_OK), "a problem is named");
  if (good) {
    check_good(&config);
  } else {
    promise(all_zero(&config, sizeof config), "nothing of a bad one stays");
  }
  tb_problem_text(&problem, words, 1 + draw(sizeof words));
  return good;
}

typedef struct {
  bool serving;
  bool keys;
} port_t;

/* What a port relies on. */
static void check_actions(port_t *port, uint32_t actions) {
  if (actions & TB_DO_CLOSE_SERVERS) {
    promise(port->serving, "only what is open is closed");
    port->serving = false;
  }
  if (actions & TB_DO_DISCONNECT) {
    promise(!port->serving, "no server is open without keys");
    port->keys = false;
  }
  if (actions & TB_DO_SET_ENDPOINT) {
    promise(!port->keys, "the library begins nothing while it has keys");
  }
  if (actions & TB_DO_OPEN_SERVERS) {
    promise(!port->serving, "opened once");
    port->serving = true;
  }
}

static void event(tb_supervisor_t *s, port_t *port, uint32_t now) {
  switch (draw(9)) {
    case 0:
      tb_supervisor_link(s, draw(3) != 0, now);
      break;
    case 1:
      tb_supervisor_clock(s, now);
      break;
    case 2:
      tb_supervisor_connect(s, (tb_connect_t)draw(3), now);
      break;
    case 3:
    case 4:
      port->keys = port->keys || s->state == TB_STATE_CONNECTING || s->state == TB_STATE_BACKOFF;
      tb_supervisor_handshake(s, now);
      break;
    case 5:
      tb_supervisor_heard(s, now);
      break;
    case 6:
      tb_supervisor_answer(s, (uint16_t)(s->probe_number - draw(2)), now);
      break;
    case 7:
      if (draw(50) == 0) {
        tb_supervisor_stop(s);
      }
      break;
    default:
      tb_supervisor_start(s, now);
      break;
  }
}

static void fuzz_supervisor(void) {
  tb_supervisor_t s;
  tb_policy_t policy = tb_policy_default();
  port_t port = {false, false};
  uint32_t now = draw(UINT32_MAX);
  uint8_t endpoints = (uint8_t)(1 + draw(4));
  tb_supervisor_init(&s, &policy, endpoints, draw(UINT32_MAX), draw(100));
  for (int i = 0; i < 400; i++) {
    uint32_t wait = tb_supervisor_wait(&s, now);
    promise(wait <= 3600000, "an hour at most");
    now += draw(2) == 0 ? wait : draw(30000);
    if (draw(3) != 0) {
      event(&s, &port, now);
    }
    check_actions(&port, tb_supervisor_poll(&s, now));
    promise(s.endpoint < endpoints, "endpoint");
    promise(s.actions == 0, "all is told");
    promise(!tb_supervisor_up(&s) || s.serving, "up is open");
    promise(s.state == TB_STATE_OFF || s.state == TB_STATE_WAIT_LINK || s.step.set, "goes on");
    promise(port.serving == s.serving, "both know what is open");
  }
}

int main(int count, char **arguments) {
  double seconds = count > 1 ? atof(arguments[1]) : 1;
  state = count > 2 ? strtoull(arguments[2], NULL, 10) : (uint64_t)time(NULL);
  printf("fuzz: seed %llu\n", (unsigned long long)state);
  fflush(stdout);
  clock_t end = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);
  unsigned long texts = 0;
  unsigned long good = 0;
  unsigned long lives = 0;
  while (clock() < end) {
    for (int i = 0; i < 50; i++) {
      good += fuzz_config();
      texts++;
    }
    fuzz_supervisor();
    lives++;
  }
  printf("fuzz: %lu texts, of which %lu good; %lu lives of 400 events\n", texts, good, lives);
  /* A fuzzer that reaches nothing proves nothing. */
  return texts > 0 && good > 0 && good < texts && lives > 0 ? 0 : 1;
}
