#include "check.h"
#include "tests.h"

int main(void) {
  static const test_t TESTS[] = {
      {"what the bridge prints is read", test_goldens},
      {"what is wrong is named", test_problems},
      {"configurations in detail", test_config_details},
      {"lengths", test_lengths},
      {"configurations value by value", test_parts},
      {"backoff", test_backoff},
      {"the clock never goes back", test_clock},
      {"connecting", test_connect},
      {"liveness", test_liveness},
      {"endpoints in turn", test_failover},
      {"the link comes and goes", test_link},
      {"names that are not known yet", test_names},
      {"reboots for want of a tunnel", test_reboots},
      {"the end", test_stop},
      {"what is retained", test_retained},
      {"sleep", test_sleep},
      {"updates on trial", test_ota},
      {"metrics", test_metrics},
      {"status", test_status},
      {"sizes", test_sizes},
  };
  return check_all(TESTS, sizeof TESTS / sizeof TESTS[0]);
}
