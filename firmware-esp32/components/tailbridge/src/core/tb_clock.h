/*
 * The clock that WireGuard's handshakes show. A server takes no initiation whose time is not later
 * than that of the last one, so the chip's clock must never fall behind itself, also over a loss of
 * power: its floor is kept in flash and RTC memory. Seconds since 1970; 0 is "not known".
 */
#ifndef TB_CLOCK_H
#define TB_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint64_t floor_s; /* the clock has shown this */
  bool kept;        /* the floor is from an earlier life, not only the time of the build */
  bool synced;      /* a time server has been heard since the start */
} tb_clock_t;

/* What is known at the start: the floor that was kept and the time of the build, either may be 0. */
void tb_clock_init(tb_clock_t *clock, uint64_t kept_floor_s, uint64_t build_s);

/*
 * What the clock must be set to before the first handshake: the system's own time where that is
 * later (it goes on in deep sleep), else a second after the floor. 0: it is right as it is.
 */
uint64_t tb_clock_at_start(const tb_clock_t *clock, uint64_t system_s);

/*
 * A time server's answer: what to set the clock to. Never backwards: a server that is behind the
 * floor would make every handshake a replay until time has caught up.
 */
uint64_t tb_clock_synced(tb_clock_t *clock, uint64_t server_s, uint64_t system_s);

/*
 * Whether handshakes can begin without waiting for a time server. WireGuard needs no right time, only
 * a later one; should the floor be a little too low after all, the next initiation after the time
 * server's answer has it right.
 */
bool tb_clock_known(const tb_clock_t *clock);

/* A handshake was made at that time; returns the new floor, to be kept. */
uint64_t tb_clock_used(tb_clock_t *clock, uint64_t system_s);

#endif
