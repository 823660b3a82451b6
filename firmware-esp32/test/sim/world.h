/* A chip, up to two bridges, the names and the network between them, in virtual time. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "library.h"
#include "tb_clock.h"
#include "tb_supervisor.h"

enum { BRIDGES = 2, NAMES = 2, MESSAGES = 16 };

typedef struct {
  bool up;
  bool rescues;      /* calls a chip whose clock was set back, as this project's bridge does */
  bool remembers;    /* where its chip was, over a restart, and calls it then */
  uint32_t session;  /* with the chip; 0: none */
  uint64_t stamp_ms; /* the chip's clock in the last initiation that was taken */
  uint64_t calls_ms; /* when it calls the chip; 0: it does not */
} bridge_t;

typedef enum { INITIATION, RESPONSE, CALL, CALL_ANSWER, QUESTION, ANSWER } kind_t;

typedef struct {
  uint64_t at_ms; /* of arrival; 0: the slot is free */
  kind_t kind;
  uint32_t bridge;  /* its address, 1 or 2 */
  uint32_t session; /* or the number of a question */
  uint64_t stamp_ms;
  uint16_t number;
} message_t;

typedef struct {
  uint64_t now_ms;
  uint32_t latency_ms; /* one way */
  bool link;
  uint64_t linked_ms;
  uint32_t time_server_ms; /* after the link came; 0: there is none */
  bridge_t bridges[BRIDGES];
  uint32_t names[NAMES]; /* address behind each endpoint's name; 0: not known */
  message_t messages[MESSAGES];
  uint32_t sessions;
  /* the chip */
  bool supervised;
  uint32_t tick_base; /* the chip's tick at 0: anything, they wrap */
  library_t library;
  uint32_t seen_handshakes;
  tb_supervisor_t supervisor;
  tb_clock_t clock;
  int64_t clock_offset_ms; /* the chip's clock less the right one */
  uint64_t kept_floor_s;   /* in flash */
  bool servers_open;
} world_t;

/* Right time at the beginning, in ms since 1970. */
#define WORLD_EPOCH_MS UINT64_C(1764457200000)

/*
 * A world in which all is well: one bridge, at the first name, the link there, the chip connected for
 * some time.
 *
 * @param supervised whether this project's core runs on the chip, or the library is left alone
 * @param seed where in their rhythms all clocks are
 */
void world_begin(world_t *world, bool supervised, uint8_t endpoints, uint32_t seed);

/* Until then, or until the chip and a bridge can talk, whichever comes first; false: not in time. */
bool world_until_connected(world_t *world, uint32_t limit_ms);

void world_run(world_t *world, uint32_t for_ms);

/* Bytes can go both ways at this moment. */
bool world_connected(const world_t *world);

void world_link(world_t *world, bool up);

/* The process ends, and begins again after a time. */
void world_bridge_stops(world_t *world, int bridge);
void world_bridge_starts(world_t *world, int bridge);

/* The chip loses its power, and its clock; flash stays unless it is told to be lost too. */
void world_power_cycle(world_t *world, bool flash_lost);

#endif
