#include "chip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tb_out.h"

/* Any time after which this was written; no newer one, so that every build behaves alike. */
static const uint64_t BUILD_S = UINT64_C(1764000000);

enum { ANSWER_MS = 5000, LOOK_MS = 20 };

static double seconds_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

uint64_t chip_millis(void) { return (uint64_t)(seconds_of(CLOCK_MONOTONIC) * 1000); }

static uint32_t tick(void) { return (uint32_t)chip_millis(); }

static double clock_of(const chip_t *chip) {
  return seconds_of(CLOCK_REALTIME) + chip->clock_offset_s;
}

static bool is_ping(const char *line) { return strstr(line, "\"id\":\"p") != NULL; }

/* An answer to a question that ran in the background while the session was another one is old. */
static void take_ping(chip_t *chip, const char *line) {
  const char *id = strstr(line, "\"id\":\"p") + strlen("\"id\":\"p");
  if (strstr(line, "\"result\":\"ok\"") != NULL) {
    tb_supervisor_answer(&chip->supervisor, (uint16_t)strtoul(id, NULL, 10), tick());
  }
}

/* One command and its answer; those of pings that come meanwhile are taken. */
static bool ask(chip_t *chip, const char *command, char *line, size_t size) {
  if (!lab_tell(&chip->lab, command)) {
    return false;
  }
  while (lab_line(&chip->lab, ANSWER_MS, line, size)) {
    if (!is_ping(line)) {
      if (strstr(line, "\"error\"") != NULL) {
        fprintf(stderr, "%s: %s\n", command, line);
      }
      return true;
    }
    take_ping(chip, line);
  }
  return false;
}

static bool order(chip_t *chip, const char *command) {
  char line[1024];
  return ask(chip, command, line, sizeof line) && strstr(line, "\"error\"") == NULL;
}

static void set_clock(chip_t *chip, uint64_t to_s) {
  char command[64];
  chip->clock_offset_s = (double)to_s - seconds_of(CLOCK_REALTIME);
  snprintf(command, sizeof command, "clock %+.3fs", chip->clock_offset_s);
  order(chip, command);
}

static void open_flash(chip_t *chip) {
  FILE *flash = fopen(chip->flash, "rb");
  if (flash == NULL || fread(&chip->retained, sizeof chip->retained, 1, flash) != 1) {
    memset(&chip->retained, 0xff, sizeof chip->retained); /* as erased flash reads */
  }
  if (flash != NULL) {
    fclose(flash);
  }
  tb_retained_open(&chip->retained);
}

static void keep(chip_t *chip) {
  chip->retained.floor_s = tb_clock_used(&chip->clock, (uint64_t)clock_of(chip));
  chip->retained.reboots = chip->supervisor.reboots;
  tb_retained_seal(&chip->retained);
  FILE *flash = fopen(chip->flash, "wb");
  if (flash == NULL || fwrite(&chip->retained, sizeof chip->retained, 1, flash) != 1) {
    perror(chip->flash);
  }
  if (flash != NULL) {
    fclose(flash);
  }
}

bool chip_power_on(chip_t *chip) {
  open_flash(chip);
  if (!lab_start(&chip->lab, chip->program, &chip->config)) {
    return false;
  }
  chip->power_ons++;
  chip->clock_offset_s = -seconds_of(CLOCK_REALTIME);
  chip->handshake_s = chip->rx_bytes = 0;
  tb_clock_init(&chip->clock, chip->retained.floor_s, BUILD_S);
  tb_supervisor_init(&chip->supervisor, &chip->policy, chip->config.endpoint_count,
                     tick() ^ (uint32_t)getpid(), chip->retained.reboots);
  tb_supervisor_start(&chip->supervisor, tick());
  if (tb_clock_known(&chip->clock)) {
    tb_supervisor_clock(&chip->supervisor, tick());
  }
  return chip_link(chip, true);
}

void chip_power_off(chip_t *chip) { lab_stop(&chip->lab); }

bool chip_link(chip_t *chip, bool up) {
  chip->link = up;
  tb_supervisor_link(&chip->supervisor, up, tick());
  return order(chip, up ? "wake" : "sleep");
}

static bool set_endpoint(chip_t *chip) {
  char command[300];
  const tb_endpoint_t *endpoint = &chip->config.endpoints[chip->supervisor.endpoint];
  snprintf(command, sizeof command, "endpoint %s:%u", endpoint->host, endpoint->port);
  return order(chip, command);
}

static void begin_handshake(chip_t *chip) {
  uint64_t set = tb_clock_at_start(&chip->clock, (uint64_t)clock_of(chip));
  if (set != 0) {
    set_clock(chip, set);
  }
  bool begun = order(chip, "connect wait=0");
  tb_supervisor_connect(&chip->supervisor, begun ? TB_CONNECT_BEGUN : TB_CONNECT_FAILED, tick());
}

static void ask_bridge(chip_t *chip) {
  char command[64];
  tb_out_t out = tb_out_to(command, sizeof command);
  tb_out_text(&out, "&p");
  tb_out_number(&out, chip->supervisor.probe_number);
  tb_out_text(&out, " ping ");
  tb_out_ipv4(&out, tb_config_bridge(&chip->config));
  tb_out_text(&out, " 1 timeout=5");
  lab_tell(&chip->lab, command);
}

static void act(chip_t *chip, uint32_t actions) {
  if (actions & TB_DO_DISCONNECT) {
    order(chip, "disconnect");
    chip->handshake_s = 0;
  }
  if (actions & TB_DO_SET_ENDPOINT) {
    set_endpoint(chip);
  }
  if (actions & TB_DO_CONNECT) {
    begin_handshake(chip);
  }
  if (actions & TB_DO_PROBE) {
    ask_bridge(chip);
  }
  if (actions & TB_DO_KEEP) {
    keep(chip);
  }
}

/* What the library knows: whether there was a handshake, and whether anything was heard. */
static bool look(chip_t *chip) {
  char line[2048];
  if (!ask(chip, "status", line, sizeof line)) {
    return false;
  }
  double age = json_number(line, "handshakeAgeSeconds", -1);
  double rx_bytes = json_number(line, "rxBytes", 0);
  double handshake_s = age < 0 ? 0 : seconds_of(CLOCK_MONOTONIC) - age;
  if (handshake_s > chip->handshake_s + 0.1) {
    chip->handshake_s = handshake_s;
    tb_supervisor_handshake(&chip->supervisor, tick());
  } else if (rx_bytes > chip->rx_bytes) {
    tb_supervisor_heard(&chip->supervisor, tick());
  }
  chip->rx_bytes = rx_bytes;
  return true;
}

static void listen_to_time_server(chip_t *chip) {
  if (chip->time_server && chip->link && !chip->clock.synced) {
    uint64_t right = (uint64_t)seconds_of(CLOCK_REALTIME);
    set_clock(chip, tb_clock_synced(&chip->clock, right, (uint64_t)clock_of(chip)));
    tb_supervisor_clock(&chip->supervisor, tick());
  }
}

bool chip_turn(chip_t *chip) {
  listen_to_time_server(chip);
  bool there = look(chip);
  uint32_t actions = tb_supervisor_poll(&chip->supervisor, tick());
  act(chip, actions);
  if (actions & TB_DO_REBOOT) {
    chip_power_off(chip);
    return chip_power_on(chip);
  }
  return there;
}

int chip_wait(const chip_t *chip) {
  uint32_t wait = tb_supervisor_wait(&chip->supervisor, tick());
  return wait < LOOK_MS ? (int)wait : LOOK_MS;
}
