#include "tb_clock.h"

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

void tb_clock_init(tb_clock_t *clock, uint64_t kept_floor_s, uint64_t build_s) {
  *clock = (tb_clock_t){later(kept_floor_s, build_s), kept_floor_s != 0, false};
}

uint64_t tb_clock_at_start(const tb_clock_t *clock, uint64_t system_s) {
  return system_s > clock->floor_s ? 0 : clock->floor_s + 1;
}

uint64_t tb_clock_synced(tb_clock_t *clock, uint64_t server_s, uint64_t system_s) {
  clock->synced = true;
  return later(server_s, later(system_s, clock->floor_s + 1));
}

bool tb_clock_known(const tb_clock_t *clock) { return clock->kept || clock->synced; }

uint64_t tb_clock_used(tb_clock_t *clock, uint64_t system_s) {
  clock->floor_s = later(clock->floor_s, system_s);
  return clock->floor_s;
}
