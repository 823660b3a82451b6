/*
 * The core as a simulated device, against a real bridge.
 *
 * usage: tailbridge-device LAB CONFIG FLASH [SPEED]
 *
 * LAB is the lab's program, CONFIG a file with what `bridge device add` printed, FLASH a file that
 * stands for the chip's flash, SPEED how many times faster than on a chip the core's times are.
 *
 * Lines in, one JSON line out for each, after a first one when the power is on:
 *   status              {"name":s,...,"tunnel":s,...,"proven":b,"endpointIndex":n,"powerOns":n,"synced":b}
 *   link up|down        the Wi-Fi
 *   time yes|no         whether a time server answers
 *   reboot [flash=lost] the power goes, and comes back with the clock at 1970
 *   metrics             {"metrics":n}: the length of the text, 0 when it did not fit
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chip.h"
#include "tb_metrics.h"

static const tb_vitals_t VITALS = {.version = "host", .reset_reason = "none", .ota = "settled"};

static bool read_config(const char *path, tb_config_t *config) {
  static char text[TB_MAX_CONFIG_TEXT + 1];
  tb_problem_t problem;
  char words[256];
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    return false;
  }
  size_t length = fread(text, 1, sizeof text, file);
  fclose(file);
  if (tb_config_read(text, length, config, &problem)) {
    return true;
  }
  tb_problem_text(&problem, words, sizeof words);
  fprintf(stderr, "%s: %s\n", path, words);
  return false;
}

static tb_policy_t policy_at(uint32_t speed) {
  tb_policy_t policy = tb_policy_default();
  policy.clock_wait_ms /= speed;
  policy.attempt_ms /= speed;
  policy.silence_ms /= speed;
  policy.probe_ms /= speed;
  policy.relink_probe_ms /= speed;
  policy.backoff_first_ms /= speed;
  policy.backoff_limit_ms /= speed;
  policy.stable_ms /= speed;
  return policy;
}

static void tell_status(const chip_t *chip) {
  static char text[TB_STATUS_SIZE];
  size_t length = tb_status_json(&VITALS, &chip->supervisor, &chip->config,
                                 (uint32_t)chip_millis(), text, sizeof text);
  if (length < 2) {
    printf("{\"error\":\"the status does not fit\"}\n");
    return;
  }
  text[length - 2] = '\0'; /* the brace and the end of the line */
  printf("%s,\"proven\":%s,\"endpointIndex\":%d,\"powerOns\":%lu,\"synced\":%s}\n", text,
         chip->supervisor.proven ? "true" : "false", chip->supervisor.endpoint,
         (unsigned long)chip->power_ons, chip->clock.synced ? "true" : "false");
}

/* False when the chip cannot go on. */
static bool command(chip_t *chip, const char *line) {
  static char text[TB_METRICS_SIZE];
  bool good = true;
  if (strcmp(line, "status") == 0) {
    tell_status(chip);
    return true;
  }
  if (strcmp(line, "metrics") == 0) {
    size_t length = tb_metrics_text(&VITALS, &chip->supervisor, (uint32_t)chip_millis(), text,
                                    sizeof text);
    printf("{\"metrics\":%lu}\n", (unsigned long)length);
    return true;
  }
  if (strcmp(line, "link up") == 0 || strcmp(line, "link down") == 0) {
    good = chip_link(chip, strcmp(line, "link up") == 0);
  } else if (strcmp(line, "time yes") == 0 || strcmp(line, "time no") == 0) {
    chip->time_server = strcmp(line, "time yes") == 0;
  } else if (strcmp(line, "reboot") == 0 || strcmp(line, "reboot flash=lost") == 0) {
    chip_power_off(chip);
    if (strcmp(line, "reboot") != 0) {
      remove(chip->flash);
    }
    good = chip_power_on(chip);
  } else {
    printf("{\"error\":\"unknown command\"}\n");
    return true;
  }
  printf("{\"ok\":%s}\n", good ? "true" : "false");
  return good;
}

/* Takes the lines that are there; false at the end of the input. */
static bool commands(chip_t *chip) {
  static char line[256];
  static size_t filled;
  char more[256];
  ssize_t count = read(STDIN_FILENO, more, sizeof more);
  for (ssize_t i = 0; i < count; i++) {
    if (more[i] != '\n') {
      line[filled] = more[i];
      filled += filled < sizeof line - 1;
      continue;
    }
    line[filled] = '\0';
    filled = 0;
    if (!command(chip, line)) {
      return false;
    }
    fflush(stdout);
  }
  return count > 0;
}

static bool live(chip_t *chip) {
  for (;;) {
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}};
    if (poll(fds, 1, chip_wait(chip)) > 0 && !commands(chip)) {
      return true;
    }
    if (!chip_turn(chip)) {
      fprintf(stderr, "the lab device is gone\n");
      return false;
    }
  }
}

int main(int count, char **arguments) {
  static chip_t chip;
  long speed = count > 4 ? strtol(arguments[4], NULL, 10) : 1;
  if (count < 4 || speed < 1 || speed > 100) {
    fprintf(stderr, "usage: tailbridge-device LAB CONFIG FLASH [SPEED]\n");
    return 2;
  }
  chip.program = arguments[1];
  chip.flash = arguments[3];
  chip.policy = policy_at((uint32_t)speed);
  signal(SIGPIPE, SIG_IGN);
  if (!read_config(arguments[2], &chip.config)) {
    return 1;
  }
  if (!chip_power_on(&chip)) {
    fprintf(stderr, "the lab device does not start: %s\n", chip.program);
    return 1;
  }
  tell_status(&chip);
  fflush(stdout);
  bool good = live(&chip);
  chip_power_off(&chip);
  return good ? 0 : 1;
}
