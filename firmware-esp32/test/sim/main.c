/*
 * How long a chip is dark after what usually keeps one out, in virtual time: this project's core on
 * top of the library, and the library alone. Prints a table, and fails when a figure is worse than
 * what the documentation promises.
 */
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

enum { RUNS = 21, NEVER_MS = 10 * 60000 };

static void bridge_restarts(world_t *world) {
  world_bridge_stops(world, 0);
  world_run(world, 2000);
  world_bridge_starts(world, 0);
}

static void silent_restart(world_t *world) {
  world->bridges[0].remembers = false;
  bridge_restarts(world);
}

static void bridge_moves(world_t *world) {
  world_bridge_stops(world, 0);
  world->bridges[1] = world->bridges[0];
  world->bridges[1].remembers = false;
  world->names[0] = 2;
  world_bridge_starts(world, 1);
}

static void second_endpoint(world_t *world) {
  world_bridge_stops(world, 0);
  world->names[1] = 2;
  world_bridge_starts(world, 1);
}

static void away_for(world_t *world, uint32_t ms) {
  world_link(world, false);
  world_run(world, ms);
  world_link(world, true);
}

static void short_loss(world_t *world) { away_for(world, 10000); }

static void long_loss(world_t *world) { away_for(world, 8 * 60000); }

static void loss_while_restarting(world_t *world) {
  world->bridges[0].remembers = false;
  world_link(world, false);
  bridge_restarts(world);
  world_run(world, 8000);
  world_link(world, true);
}

static void power_and_time(world_t *world) { world_power_cycle(world, false); }

static void power_no_time(world_t *world) {
  world->time_server_ms = 0;
  world->bridges[0].rescues = false;
  world_power_cycle(world, false);
}

static void power_no_time_rescued(world_t *world) {
  world->time_server_ms = 0;
  world_power_cycle(world, true);
}

static const struct {
  const char *name;
  void (*happens)(world_t *);
  uint8_t endpoints;
  uint32_t promised_ms;       /* the worst with the core */
  uint32_t alone_at_least_ms; /* the worst without: else the model would not show why it is there */
} ROWS[] = {
    {"bridge starts anew and calls its chips", bridge_restarts, 1, 2500, 0},
    {"bridge starts anew and is silent (other servers)", silent_restart, 1, 36500, 120000},
    {"bridge's name leads to another address", bridge_moves, 1, 36500, NEVER_MS},
    {"first endpoint gone for good, second is there", second_endpoint, 2, 51000, NEVER_MS},
    {"Wi-Fi away for 10 s", short_loss, 1, 200, 0},
    {"Wi-Fi away for 8 min", long_loss, 1, 700, 4000},
    {"Wi-Fi away for 10 s, bridge starts anew meanwhile, silent", loss_while_restarting, 1, 7000,
     100000},
    {"power lost, time server there", power_and_time, 1, 1000, 0},
    {"power lost, no time server, server without rescue: the kept floor", power_no_time, 1, 1000,
     NEVER_MS},
    {"power and flash lost, no time server: the bridge's rescue", power_no_time_rescued, 1, 3000,
     0},
};

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a;
  uint32_t y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

typedef struct {
  uint32_t median;
  uint32_t worst;
} dark_t;

static dark_t measure(int row, bool supervised) {
  static world_t world;
  uint32_t dark[RUNS];
  for (uint32_t run = 0; run < RUNS; run++) {
    world_begin(&world, supervised, ROWS[row].endpoints, run + 1);
    ROWS[row].happens(&world);
    uint64_t since = world.now_ms;
    bool back = world_until_connected(&world, NEVER_MS);
    dark[run] = back ? (uint32_t)(world.now_ms - since) : NEVER_MS;
  }
  qsort(dark, RUNS, sizeof dark[0], compare);
  return (dark_t){dark[RUNS / 2], dark[RUNS - 1]};
}

static void cell(uint32_t ms) {
  if (ms >= NEVER_MS) {
    printf(" not in 10 min |");
  } else {
    printf(" %lu.%02lu s |", (unsigned long)(ms / 1000), (unsigned long)(ms % 1000 / 10));
  }
}

int main(void) {
  int failures = 0;
  printf("| what happens | with the core: median | worst of %d | library alone: median | worst |\n",
         RUNS);
  printf("|---|---|---|---|---|\n");
  for (int row = 0; row < (int)(sizeof ROWS / sizeof ROWS[0]); row++) {
    dark_t core = measure(row, true);
    dark_t alone = measure(row, false);
    printf("| %s |", ROWS[row].name);
    cell(core.median);
    cell(core.worst);
    cell(alone.median);
    cell(alone.worst);
    printf("\n");
    if (core.worst > ROWS[row].promised_ms || alone.worst < ROWS[row].alone_at_least_ms) {
      fprintf(stderr, "not as promised: %s\n", ROWS[row].name);
      failures++;
    }
  }
  return failures == 0 ? 0 : 1;
}
