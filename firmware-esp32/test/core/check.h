/* The runner of these tests: small enough to run on a bare 32-bit machine too. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdint.h>

/* Counts a check, and says where one failed. Returns its truth. */
bool check_that(bool truth, const char *what, const char *file, int line);
bool check_numbers(int64_t is, int64_t wanted, const char *what, const char *file, int line);
bool check_texts(const char *is, const char *wanted, const char *file, int line);

#define CHECK(truth) check_that((truth), #truth, __FILE__, __LINE__)
#define CHECK_NUMBER(is, wanted) \
  check_numbers((int64_t)(is), (int64_t)(wanted), #is, __FILE__, __LINE__)
#define CHECK_TEXT(is, wanted) check_texts((is), (wanted), __FILE__, __LINE__)

typedef struct {
  const char *name;
  void (*run)(void);
} test_t;

/* Runs them all; returns the exit code of the program. */
int check_all(const test_t *tests, int count);

/* The files that the bridge's own tests hold its formats against, compiled in. */
typedef struct {
  const char *name;
  const char *text;
  unsigned length;
} golden_t;

extern const golden_t GOLDENS[];
extern const int GOLDEN_COUNT;

/* Fails the test and returns an empty one when there is none of that name. */
const golden_t *golden(const char *name);

#endif
