/*
 * A `lab device` that this program drives by lines: it has the WireGuard and the network stack that a
 * chip's library has, so none of them is copied here. It starts idle and begins nothing by itself.
 */
#ifndef HOST_LAB_H
#define HOST_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tb_config.h"

enum { LAB_LINE = 65536 };

typedef struct {
  pid_t pid; /* 0: switched off */
  int to;
  int from;
  size_t filled;
  char line[LAB_LINE]; /* what has been read and belongs to no whole line yet */
} lab_t;

/* Switches one on; false, with a word on stderr, when that fails. */
bool lab_start(lab_t *lab, const char *program, const tb_config_t *config);

/* As pulling the plug does. */
void lab_stop(lab_t *lab);

/* Sends a line. */
bool lab_tell(lab_t *lab, const char *command);

/* The next line, which may be of a command in the background; false when there is none in time. */
bool lab_line(lab_t *lab, int wait_ms, char *line, size_t size);

/* The number behind "key": of a JSON line, or the other one. */
double json_number(const char *line, const char *key, double otherwise);

#endif
