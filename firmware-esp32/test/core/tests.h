/* All tests of the core, by file. */
#ifndef TESTS_H
#define TESTS_H

void test_goldens(void);
void test_problems(void);
void test_config_details(void);
void test_lengths(void);
void test_parts(void);
void test_backoff(void);
void test_clock(void);
void test_connect(void);
void test_liveness(void);
void test_failover(void);
void test_link(void);
void test_names(void);
void test_reboots(void);
void test_stop(void);
void test_retained(void);
void test_sleep(void);
void test_ota(void);
void test_metrics(void);
void test_status(void);
void test_sizes(void);

#endif
