#include "check.h"

#include <stdio.h>
#include <string.h>

static int checks;
static int failures;

bool check_that(bool truth, const char *what, const char *file, int line) {
  checks++;
  if (!truth) {
    failures++;
    printf("%s:%d: not so: %s\n", file, line, what);
  }
  return truth;
}

bool check_numbers(int64_t is, int64_t wanted, const char *what, const char *file, int line) {
  checks++;
  if (is != wanted) {
    failures++;
    printf("%s:%d: %s is %ld, not %ld\n", file, line, what, (long)is, (long)wanted);
  }
  return is == wanted;
}

bool check_texts(const char *is, const char *wanted, const char *file, int line) {
  bool same = strcmp(is, wanted) == 0;
  checks++;
  if (!same) {
    failures++;
    printf("%s:%d: is\n  %s\nand not\n  %s\n", file, line, is, wanted);
  }
  return same;
}

int check_all(const test_t *tests, int count) {
  int failed = 0;
  for (int i = 0; i < count; i++) {
    int before = failures;
    int checked = checks;
    tests[i].run();
    if (checks == checked) {
      printf("%s checked nothing\n", tests[i].name);
      failures++;
    }
    failed += failures > before;
    printf("  %-6s %s\n", failures > before ? "FAILED" : "ok", tests[i].name);
  }
  printf("%d passed, %d failed (%d checks, pointers of %d bits)\n", count - failed, failed, checks,
         (int)sizeof(void *) * 8);
  return failed == 0 ? 0 : 1;
}

const golden_t *golden(const char *name) {
  static const golden_t NONE = {"", "", 0};
  for (int i = 0; i < GOLDEN_COUNT; i++) {
    if (strcmp(GOLDENS[i].name, name) == 0) {
      return &GOLDENS[i];
    }
  }
  check_that(false, name, __FILE__, __LINE__);
  return &NONE;
}
