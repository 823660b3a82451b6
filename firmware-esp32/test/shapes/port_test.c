/*
 * The port on fakes, in virtual time: whether it does what the core says, in its order, in the right
 * task, and without waiting for itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fakes.h"
#include "tailbridge.h"

static void on_event(tb_event_t event, void *unused) {
  static const char *const WORDS[] = {"UP", "DOWN", "TIME", "REBOOT", "SLEEP"};
  (void)unused;
  note(WORDS[event]);
}

/* What happens, and what must have been done by then. */
void happen(void) {
  static int step;
  static int64_t died_us;
  int64_t s = fake.us / 1000000;
  if (step == 0 && s >= 5) {
    check_log(""); /* no link, no word */
    fake.link = true;
    step++;
  } else if (step == 1 && s >= 20) {
    check_log("bridge.example.net clock create 10.6.0.0 100.64.0.0 serve UP stay ");
    check(fake.blob_writes == 1, "the floor is in flash");
    struct timeval right = {.tv_sec = 1800000000};
    sntp_sync_time(&right);
    step++;
  } else if (step == 2 && s >= 120) {
    check_log("clock TIME ");
    check(time(NULL) >= 1800000000, "the clock is right");
    fake.answers = false;
    died_us = fake.us;
    step++;
  } else if (step == 3 && !tb_is_up()) {
    int64_t took_s = (fake.us - died_us) / 1000000;
    check(took_s >= 15 && took_s <= 37, "a dead bridge is noticed in 35 s");
    check_log("DOWN unserve forget bridge.example.net endpoint connect ");
    fake.answers = true;
    step++;
  } else if (step == 4 && tb_is_up()) {
    check_log("serve UP ");
    check(fake.blob_writes == 2, "the floor again");
    step++;
    tb_stop();
  }
  check(s < 400, "all of it happens");
  if (s >= 400) {
    exit(1);
  }
}

int main(void) {
  tb_config_t config = {
      .address = 0x0a060007,
      .prefix = 24,
      .private_key = "a",
      .peer_key = "b",
      .endpoints = {{"bridge.example.net", 51820}},
      .endpoint_count = 1,
      .allowed = {{0x0a060000, 24}, {0x64400000, 10}},
      .allowed_count = 2,
      .keepalive_s = 25,
  };
  fake.answers = true;
  tb_on_event(on_event, NULL);
  check(tb_serve(80, "Hello from ESP32!\n", "1") == ESP_OK, "a server is asked for");
  check(tb_start(&config) == ESP_OK, "it starts");
  check_log("init ");
  check(tb_start(&config) == ESP_ERR_INVALID_STATE, "once");
  fake.task(NULL);
  check_log("DOWN unserve forget remove ");
  check(!tb_is_up() && fake.servers == 0 && !fake.locked, "nothing is left");
  printf("the port on fakes: %d failed\n", failures);
  return failures == 0 ? 0 : 1;
}
