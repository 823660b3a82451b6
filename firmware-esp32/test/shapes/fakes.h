/* Fakes of our own for what the port uses, in virtual time. They say nothing of the real ESP-IDF. */
#ifndef SHAPES_FAKES_H
#define SHAPES_FAKES_H

#include "idf.h"

typedef struct {
  int64_t us;        /* since the start */
  int64_t system_s;  /* the system's clock at 0 us */
  bool in_tcpip;
  bool locked;
  bool link;
  bool answers;      /* the bridge is there */
  bool active;       /* the library calls it */
  int64_t shaken_us; /* when the session's handshake was; 0: no keys */
  uint16_t asked;    /* number of the question that is on its way */
  bool question;
  bool interface;
  int servers;
  TaskFunction_t task;
  char log[4096]; /* words of what was done */
  unsigned char blob[64];
  size_t blob_size;
  int blob_writes;
} fake_t;

extern fake_t fake;
extern int failures;

void check(bool truth, const char *what);

/* Writes down what was done. */
void note(const char *word);

/* Holds what was done since the last time against what should have been. */
void check_log(const char *wanted);

/* Of the test: called whenever time has passed. */
void happen(void);

#endif
