/* A chip without a chip: the core, its flash as a file, and a lab device for its network. */
#ifndef HOST_CHIP_H
#define HOST_CHIP_H

#include "lab.h"
#include "tb_clock.h"
#include "tb_retained.h"
#include "tb_supervisor.h"

typedef struct {
  const char *program; /* lab */
  const char *flash;   /* a file */
  tb_policy_t policy;
  tb_config_t config;
  lab_t lab;
  tb_supervisor_t supervisor;
  tb_clock_t clock;
  tb_retained_t retained;
  double clock_offset_s; /* the chip's clock less this machine's */
  double handshake_s;    /* when the lab said the last one was; 0: none */
  double rx_bytes;
  uint32_t power_ons;
  bool time_server;
  bool link;
} chip_t;

/* Milliseconds of a clock that only goes on; the core sees its lower 32 bits. */
uint64_t chip_millis(void);

/* Power comes: the clock is at 1970, and only flash is remembered. */
bool chip_power_on(chip_t *chip);

void chip_power_off(chip_t *chip);

/* The radio. */
bool chip_link(chip_t *chip, bool up);

/* Looks what has happened and does what the core says; false when the lab device is gone. */
bool chip_turn(chip_t *chip);

/* Milliseconds until the next turn at the latest. */
int chip_wait(const chip_t *chip);

#endif
