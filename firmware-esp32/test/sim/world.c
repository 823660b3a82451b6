#include "world.h"

#include <string.h>

enum { STEP_MS = 10, TIMER_MS = 400, KEEPALIVE_MS = 25000, BOOT_MS = 900 };

static uint32_t tick(const world_t *world) { return world->tick_base + (uint32_t)world->now_ms; }

static uint64_t chip_clock_ms(const world_t *world) {
  return (uint64_t)((int64_t)(WORLD_EPOCH_MS + world->now_ms) + world->clock_offset_ms);
}

static void set_chip_clock(world_t *world, uint64_t seconds) {
  world->clock_offset_ms = (int64_t)(seconds * 1000) - (int64_t)(WORLD_EPOCH_MS + world->now_ms);
}

static void post(world_t *world, message_t message) {
  for (int i = 0; i < MESSAGES; i++) {
    if (world->messages[i].at_ms == 0) {
      message.at_ms = world->now_ms + world->latency_ms;
      world->messages[i] = message;
      return;
    }
  }
}

static bridge_t *at(world_t *world, uint32_t address) {
  return address >= 1 && address <= BRIDGES ? &world->bridges[address - 1] : NULL;
}

bool world_connected(const world_t *world) {
  uint32_t address = world->library.server;
  const bridge_t *bridge = address >= 1 && address <= BRIDGES ? &world->bridges[address - 1] : NULL;
  return world->link && bridge != NULL && bridge->up && world->library.session != 0 &&
         bridge->session == world->library.session;
}

/* The chip's end of each message. */
static void chip_takes(world_t *world, const message_t *message) {
  library_t *library = &world->library;
  switch (message->kind) {
    case RESPONSE:
      if (message->bridge == library->server && library->active) {
        library_session(library, message->session, true, world->now_ms);
      }
      break;
    case CALL:
      if (library->active) { /* it knows its peer, so it answers, whatever its clock says */
        library->server = message->bridge;
        library_session(library, message->session, false, world->now_ms);
        post(world, (message_t){.kind = CALL_ANSWER,
                                .bridge = message->bridge,
                                .session = message->session});
      }
      break;
    case ANSWER:
      if (message->session == library->session && world->supervised) {
        tb_supervisor_answer(&world->supervisor, message->number, tick(world));
      }
      break;
    default:
      break;
  }
}

static void bridge_takes_initiation(world_t *world, bridge_t *bridge, const message_t *message) {
  if (message->stamp_ms > bridge->stamp_ms) {
    bridge->stamp_ms = message->stamp_ms;
    bridge->session = ++world->sessions;
    post(world, (message_t){
                    .kind = RESPONSE, .bridge = message->bridge, .session = bridge->session});
  } else if (bridge->rescues) {
    post(world,
         (message_t){.kind = CALL, .bridge = message->bridge, .session = ++world->sessions});
  }
}

static void bridge_takes(world_t *world, const message_t *message) {
  bridge_t *bridge = at(world, message->bridge);
  if (bridge == NULL || !bridge->up) {
    return;
  }
  if (message->kind == INITIATION) {
    bridge_takes_initiation(world, bridge, message);
  } else if (message->kind == CALL_ANSWER) {
    bridge->session = message->session;
  } else if (message->kind == QUESTION && message->session == bridge->session) {
    post(world, (message_t){.kind = ANSWER,
                            .bridge = message->bridge,
                            .session = message->session,
                            .number = message->number});
  }
}

static void deliver(world_t *world) {
  for (int i = 0; i < MESSAGES; i++) {
    message_t message = world->messages[i];
    if (message.at_ms == 0 || message.at_ms > world->now_ms) {
      continue;
    }
    world->messages[i].at_ms = 0;
    if (!world->link) {
      continue;
    }
    if (message.kind == RESPONSE || message.kind == CALL || message.kind == ANSWER) {
      chip_takes(world, &message);
    } else {
      bridge_takes(world, &message);
    }
  }
}

static void initiate(world_t *world) {
  post(world, (message_t){.kind = INITIATION,
                          .bridge = world->library.server,
                          .stamp_ms = chip_clock_ms(world)});
}

static void bridges_call(world_t *world) {
  for (uint32_t i = 0; i < BRIDGES; i++) {
    bridge_t *bridge = &world->bridges[i];
    if (bridge->calls_ms != 0 && world->now_ms >= bridge->calls_ms) {
      bridge->calls_ms = 0;
      if (bridge->up) {
        post(world, (message_t){.kind = CALL, .bridge = i + 1, .session = ++world->sessions});
      }
    }
  }
}

/* What the port on a chip does. */
static void act(world_t *world, uint32_t actions) {
  tb_supervisor_t *s = &world->supervisor;
  library_t *library = &world->library;
  if (actions & TB_DO_CLOSE_SERVERS) {
    world->servers_open = false;
  }
  if (actions & TB_DO_DISCONNECT) {
    library_disconnect(library);
  }
  if (actions & TB_DO_SET_ENDPOINT) {
    library->server = world->names[s->endpoint];
  }
  if (actions & TB_DO_CONNECT) {
    uint64_t set = tb_clock_at_start(&world->clock, chip_clock_ms(world) / 1000);
    if (set != 0) {
      set_chip_clock(world, set);
    }
    library->active = true;
    tb_supervisor_connect(s, library->server == 0 ? TB_CONNECT_FAILED : TB_CONNECT_BEGUN,
                          tick(world));
  }
  if (actions & TB_DO_OPEN_SERVERS) {
    world->servers_open = true;
  }
  if ((actions & TB_DO_PROBE) && library_send(library, world->now_ms)) {
    post(world, (message_t){.kind = QUESTION,
                            .bridge = library->server,
                            .session = library->session,
                            .number = s->probe_number});
  }
  if (actions & TB_DO_KEEP) {
    world->kept_floor_s = tb_clock_used(&world->clock, chip_clock_ms(world) / 1000);
  }
}

static void supervise(world_t *world) {
  tb_supervisor_t *s = &world->supervisor;
  bool time_known = world->link && world->time_server_ms != 0 && !world->clock.synced &&
                    world->now_ms - world->linked_ms >= world->time_server_ms;
  if (time_known) {
    uint64_t right = (WORLD_EPOCH_MS + world->now_ms) / 1000;
    set_chip_clock(world, tb_clock_synced(&world->clock, right, chip_clock_ms(world) / 1000));
    tb_supervisor_clock(s, tick(world));
  }
  if (world->library.handshakes != world->seen_handshakes) {
    world->seen_handshakes = world->library.handshakes;
    tb_supervisor_handshake(s, tick(world));
  }
  for (int i = 0; i < 4 && tb_supervisor_wait(s, tick(world)) == 0; i++) {
    act(world, tb_supervisor_poll(s, tick(world)));
  }
}

static void step(world_t *world) {
  world->now_ms += STEP_MS;
  deliver(world);
  bridges_call(world);
  if (world->now_ms % TIMER_MS == 0 && library_tick(&world->library, world->now_ms) == LIBRARY_CALLS) {
    initiate(world);
  }
  if (world->supervised) {
    supervise(world);
  }
}

void world_run(world_t *world, uint32_t for_ms) {
  for (uint32_t done = 0; done < for_ms; done += STEP_MS) {
    step(world);
  }
}

bool world_until_connected(world_t *world, uint32_t limit_ms) {
  for (uint32_t done = 0; done < limit_ms && !world_connected(world); done += STEP_MS) {
    step(world);
  }
  return world_connected(world);
}

void world_link(world_t *world, bool up) {
  world->link = up;
  world->linked_ms = world->now_ms;
  if (world->supervised) {
    tb_supervisor_link(&world->supervisor, up, tick(world));
  }
}

void world_bridge_stops(world_t *world, int bridge) {
  world->bridges[bridge].up = false;
  world->bridges[bridge].session = 0;
}

void world_bridge_starts(world_t *world, int bridge) {
  bridge_t *started = &world->bridges[bridge];
  started->up = true;
  started->stamp_ms = 0;
  if (started->remembers) {
    started->calls_ms = world->now_ms + 1 + world->tick_base % 2000; /* within two seconds */
  }
}

static void boot(world_t *world, uint8_t endpoints) {
  tb_policy_t policy = tb_policy_default();
  memset(&world->library, 0, sizeof world->library);
  world->library.keepalive_ms = KEEPALIVE_MS;
  world->seen_handshakes = 0;
  if (world->supervised) {
    tb_clock_init(&world->clock, world->kept_floor_s, 0);
    tb_supervisor_init(&world->supervisor, &policy, endpoints, world->tick_base, 0);
    tb_supervisor_start(&world->supervisor, tick(world));
    if (tb_clock_known(&world->clock)) {
      tb_supervisor_clock(&world->supervisor, tick(world));
    }
    tb_supervisor_link(&world->supervisor, world->link, tick(world));
  } else {
    world->library.server = world->names[0];
    world->library.active = true;
  }
}

void world_power_cycle(world_t *world, bool flash_lost) {
  memset(&world->library, 0, sizeof world->library);
  memset(world->messages, 0, sizeof world->messages);
  uint8_t endpoints = world->supervisor.endpoint_count;
  bool supervised = world->supervised;
  world->supervised = false; /* there is nobody */
  world_run(world, BOOT_MS);
  world->supervised = supervised;
  world->clock_offset_ms = -(int64_t)(WORLD_EPOCH_MS + world->now_ms);
  world->linked_ms = world->now_ms;
  if (flash_lost) {
    world->kept_floor_s = 0;
  }
  boot(world, endpoints);
}

void world_begin(world_t *world, bool supervised, uint8_t endpoints, uint32_t seed) {
  memset(world, 0, sizeof *world);
  world->supervised = supervised;
  world->tick_base = seed * UINT32_C(2654435761);
  world->latency_ms = 40;
  world->time_server_ms = 300;
  world->link = true;
  world->bridges[0] = (bridge_t){.up = true, .rescues = true, .remembers = true};
  world->names[0] = 1;
  boot(world, endpoints);
  world_until_connected(world, 60000);
  world_run(world, 90000 + world->tick_base % 120000);
}
