#include "tb_supervisor.h"

#include "check.h"
#include "tests.h"

/* Ticks wrap around every 49.7 days: each test runs before, across and after. */
static const uint32_t STARTS[] = {0, UINT32_MAX - 500, UINT32_MAX - 25000, UINT32_C(0x7fffff00)};

#define FROM_ALL_STARTS(now) for (unsigned i_ = 0; i_ < 4 && (now = STARTS[i_], true); i_++)

enum { ATTEMPT = TB_DO_SET_ENDPOINT | TB_DO_CONNECT };

static tb_supervisor_t started(uint8_t endpoints, uint32_t now) {
  tb_supervisor_t s;
  tb_policy_t policy = tb_policy_default();
  tb_supervisor_init(&s, &policy, endpoints, 1, 0);
  tb_supervisor_start(&s, now);
  CHECK_NUMBER(tb_supervisor_poll(&s, now), 0);
  return s;
}

/* With a right clock, at once connecting. */
static tb_supervisor_t connecting(uint8_t endpoints, uint32_t now) {
  tb_supervisor_t s = started(endpoints, now);
  tb_supervisor_clock(&s, now);
  tb_supervisor_link(&s, true, now);
  CHECK_NUMBER(tb_supervisor_poll(&s, now), ATTEMPT);
  CHECK_NUMBER(s.state, TB_STATE_CONNECTING);
  return s;
}

static tb_supervisor_t up(uint8_t endpoints, uint32_t now) {
  tb_supervisor_t s = connecting(endpoints, now);
  tb_supervisor_handshake(&s, now);
  CHECK_NUMBER(tb_supervisor_poll(&s, now), TB_DO_OPEN_SERVERS | TB_DO_PROBE | TB_DO_KEEP);
  CHECK_NUMBER(s.state, TB_STATE_UP);
  return s;
}

/* Lets the time pass that the supervisor says it can, up to a limit; returns what is to be done. */
static uint32_t next(tb_supervisor_t *s, uint32_t *now, uint32_t limit) {
  uint32_t end = *now + limit;
  for (;;) {
    uint32_t wait = tb_supervisor_wait(s, *now);
    uint32_t left = end - *now;
    *now += wait < left ? wait : left;
    uint32_t actions = tb_supervisor_poll(s, *now);
    if (actions != 0 || *now == end) {
      return actions;
    }
  }
}

void test_connect(void) {
  uint32_t now;
  FROM_ALL_STARTS(now) {
    tb_supervisor_t s = started(1, now);
    CHECK_NUMBER(s.state, TB_STATE_WAIT_LINK);
    tb_supervisor_link(&s, true, now);
    CHECK_NUMBER(s.state, TB_STATE_WAIT_CLOCK);
    CHECK_NUMBER(tb_supervisor_wait(&s, now), 2000);
    CHECK_NUMBER(tb_supervisor_poll(&s, now + 1999), 0);
    /* No time server: it goes on with the floor. */
    CHECK_NUMBER(tb_supervisor_poll(&s, now + 2000), ATTEMPT);

    s = started(1, now);
    tb_supervisor_link(&s, true, now);
    tb_supervisor_clock(&s, now + 700);
    CHECK_NUMBER(tb_supervisor_poll(&s, now + 700), ATTEMPT);
    CHECK_NUMBER(tb_supervisor_wait(&s, now + 700), 12000);
    tb_supervisor_handshake(&s, now + 800);
    CHECK(tb_supervisor_up(&s));
    CHECK_NUMBER(tb_supervisor_poll(&s, now + 800),
                 TB_DO_OPEN_SERVERS | TB_DO_PROBE | TB_DO_KEEP);
    CHECK(!s.proven);
    tb_supervisor_answer(&s, s.probe_number, now + 850);
    CHECK(s.proven);
    CHECK_NUMBER(s.stats.rtt_ms, 50);
    CHECK_NUMBER(s.stats.sessions, 1);
  }
}

void test_liveness(void) {
  uint32_t now;
  FROM_ALL_STARTS(now) {
    tb_supervisor_t s = up(1, now);
    uint32_t start = now;
    tb_supervisor_answer(&s, s.probe_number, now);
    CHECK_NUMBER(next(&s, &now, 60000), TB_DO_PROBE);
    CHECK_NUMBER(now - start, 20000);
    tb_supervisor_answer(&s, s.probe_number, now + 30);
    CHECK_NUMBER(s.state, TB_STATE_UP);
    CHECK_NUMBER(s.stats.missed, 0);
    start = now += 30;

    /* Silence: three questions in 15 s, then all anew, the servers first. */
    CHECK_NUMBER(next(&s, &now, 60000), TB_DO_PROBE);
    CHECK_NUMBER(next(&s, &now, 60000), TB_DO_PROBE);
    CHECK_NUMBER(next(&s, &now, 60000), TB_DO_PROBE);
    CHECK(tb_supervisor_up(&s));
    CHECK_NUMBER(next(&s, &now, 60000), TB_DO_CLOSE_SERVERS | TB_DO_DISCONNECT | ATTEMPT);
    CHECK_NUMBER(now - start, 35000);
    CHECK(!tb_supervisor_up(&s));
    CHECK_NUMBER(s.stats.losses, 1);
    CHECK_NUMBER(s.stats.missed, 3);

    /* What was heard before does not count any more. */
    tb_supervisor_heard(&s, now);
    tb_supervisor_answer(&s, s.probe_number, now);
    CHECK_NUMBER(s.state, TB_STATE_CONNECTING);
    CHECK(!s.proven);
    tb_supervisor_handshake(&s, now + 100);
    CHECK_NUMBER(s.stats.sessions, 2);

    /* Anything that is heard is as good as an answer; so is a renewal by the other side. */
    now += 100;
    tb_supervisor_poll(&s, now);
    for (int i = 0; i < 5; i++) {
      now += 15000;
      i % 2 == 0 ? tb_supervisor_heard(&s, now) : tb_supervisor_handshake(&s, now);
      CHECK_NUMBER(tb_supervisor_poll(&s, now) & TB_DO_PROBE, 0);
    }
    CHECK_NUMBER(s.stats.sessions, 2);
    CHECK_NUMBER(s.stats.handshakes, 4);
  }
}

void test_failover(void) {
  uint32_t now;
  FROM_ALL_STARTS(now) {
    tb_supervisor_t s = connecting(3, now);
    uint32_t longest = 0;
    for (int i = 0; i < 12; i++) {
      CHECK_NUMBER(s.endpoint, i % 3);
      uint32_t begun = now;
      CHECK_NUMBER(next(&s, &now, 120000), TB_DO_DISCONNECT | ATTEMPT);
      uint32_t pause = now - begun - s.policy.attempt_ms;
      CHECK(pause >= 1 && pause <= s.policy.backoff_limit_ms);
      longest = pause > longest ? pause : longest;
    }
    CHECK(longest > 20000); /* twelve draws, of which seven from a whole minute */

    /* In the pause the library still calls, and may be called: that counts. */
    now += s.policy.attempt_ms;
    tb_supervisor_poll(&s, now);
    CHECK_NUMBER(s.state, TB_STATE_BACKOFF);
    uint8_t endpoint = s.endpoint;
    tb_supervisor_handshake(&s, now);
    CHECK_NUMBER(s.state, TB_STATE_UP);
    CHECK_NUMBER(s.endpoint, endpoint);

    /* Not stable yet: the pauses stay long. After a minute they are short again. */
    CHECK(s.backoff.tries > 10);
    for (int i = 0; i < 7; i++) {
      now += 10000;
      tb_supervisor_heard(&s, now);
      tb_supervisor_poll(&s, now);
    }
    CHECK_NUMBER(s.backoff.tries, 0);

    /* A dead tunnel is tried again where it was, at once. */
    while ((next(&s, &now, 60000) & TB_DO_CONNECT) == 0) {
      CHECK(tb_supervisor_up(&s));
    }
    CHECK_NUMBER(s.endpoint, endpoint);
  }
}

void test_link(void) {
  uint32_t now;
  FROM_ALL_STARTS(now) {
    tb_supervisor_t s = up(1, now);
    now += 1000;
    tb_supervisor_link(&s, false, now);
    CHECK_NUMBER(tb_supervisor_poll(&s, now), 0);
    CHECK(!tb_supervisor_up(&s));
    /* Back while the session is good: one question, and connections stay open. */
    now += 8000;
    tb_supervisor_link(&s, true, now);
    CHECK_NUMBER(tb_supervisor_poll(&s, now), TB_DO_PROBE);
    tb_supervisor_answer(&s, s.probe_number, now + 60);
    CHECK_NUMBER(s.state, TB_STATE_UP);
    CHECK_NUMBER(tb_supervisor_poll(&s, now + 60), 0);

    /* No answer within 1.5 s: anew. */
    tb_supervisor_link(&s, false, now + 100);
    tb_supervisor_link(&s, true, now + 200);
    now += 200;
    CHECK_NUMBER(tb_supervisor_poll(&s, now), TB_DO_PROBE);
    uint32_t since = now;
    CHECK_NUMBER(next(&s, &now, 60000), TB_DO_CLOSE_SERVERS | TB_DO_DISCONNECT | ATTEMPT);
    CHECK_NUMBER(now - since, 1500);

    /* Away for longer than a session lasts: not even asked. */
    tb_supervisor_handshake(&s, now);
    tb_supervisor_poll(&s, now);
    tb_supervisor_link(&s, false, now);
    since = now;
    CHECK_NUMBER(next(&s, &now, 300000), TB_DO_CLOSE_SERVERS | TB_DO_DISCONNECT);
    CHECK_NUMBER(now - since, 150000);
    now += 100000;
    tb_supervisor_link(&s, true, now);
    CHECK_NUMBER(tb_supervisor_poll(&s, now), ATTEMPT);

    /* Gone while it tries: the library is to rest too. */
    tb_supervisor_link(&s, false, now);
    CHECK_NUMBER(tb_supervisor_poll(&s, now), TB_DO_DISCONNECT);

    /* An attempt that was not even begun is not begun without a link. */
    s = started(1, now);
    tb_supervisor_clock(&s, now);
    tb_supervisor_link(&s, true, now);
    tb_supervisor_link(&s, false, now);
    CHECK_NUMBER(tb_supervisor_poll(&s, now), TB_DO_DISCONNECT);
    CHECK_NUMBER(tb_supervisor_wait(&s, now), 15 * 60000);
  }
}

void test_names(void) {
  uint32_t now;
  FROM_ALL_STARTS(now) {
    tb_supervisor_t s = connecting(2, now);
    tb_supervisor_connect(&s, TB_CONNECT_LATER, now);
    uint32_t since = now;
    CHECK_NUMBER(next(&s, &now, 60000), TB_DO_CONNECT);
    CHECK_NUMBER(now - since, 1000);
    tb_supervisor_connect(&s, TB_CONNECT_BEGUN, now);
    CHECK_NUMBER(next(&s, &now, 60000), TB_DO_DISCONNECT | ATTEMPT);
    CHECK_NUMBER(s.endpoint, 1);
    tb_supervisor_connect(&s, TB_CONNECT_FAILED, now);
    CHECK_NUMBER(s.state, TB_STATE_BACKOFF);
    CHECK_NUMBER(next(&s, &now, 60000), TB_DO_DISCONNECT | ATTEMPT);
    CHECK_NUMBER(s.endpoint, 0);

    /* Called by the bridge before the name was known: nothing is begun any more. */
    tb_supervisor_connect(&s, TB_CONNECT_LATER, now);
    tb_supervisor_handshake(&s, now + 500);
    tb_supervisor_poll(&s, now + 500);
    CHECK_NUMBER(tb_supervisor_poll(&s, now + 1500), 0);
    CHECK_NUMBER(s.state, TB_STATE_UP);
  }
}

/* How long it takes from a start without a tunnel to a reboot. */
static uint32_t patience(uint32_t reboots, uint32_t now) {
  tb_supervisor_t s;
  tb_policy_t policy = tb_policy_default();
  uint32_t start = now;
  tb_supervisor_init(&s, &policy, 1, 7, reboots);
  tb_supervisor_start(&s, now);
  tb_supervisor_clock(&s, now);
  tb_supervisor_link(&s, true, now);
  while ((next(&s, &now, 120000) & TB_DO_REBOOT) == 0 && now - start < 100 * 60000) {
  }
  CHECK_NUMBER(s.reboots, reboots + 1);
  return (now - start) / 60000;
}

void test_reboots(void) {
  uint32_t now;
  FROM_ALL_STARTS(now) {
    CHECK_NUMBER(patience(0, now), 15);
    CHECK_NUMBER(patience(1, now), 30);
    CHECK_NUMBER(patience(2, now), 60);
    CHECK_NUMBER(patience(40, now), 60);

    /* A tunnel that is up for a minute makes them forgotten. */
    tb_supervisor_t s;
    tb_policy_t policy = tb_policy_default();
    tb_supervisor_init(&s, &policy, 1, 7, 3);
    tb_supervisor_start(&s, now);
    tb_supervisor_clock(&s, now);
    tb_supervisor_link(&s, true, now);
    tb_supervisor_handshake(&s, now);
    uint32_t done = 0;
    for (int i = 0; i < 7; i++) {
      now += 9999;
      tb_supervisor_heard(&s, now);
      done = tb_supervisor_poll(&s, now);
    }
    CHECK_NUMBER(done, TB_DO_KEEP);
    CHECK_NUMBER(s.reboots, 0);
    CHECK(!s.reboot.set);

    policy.reboot_first_ms = 0;
    tb_supervisor_init(&s, &policy, 1, 7, 0);
    tb_supervisor_start(&s, now);
    CHECK_NUMBER(tb_supervisor_wait(&s, now), 3600000);
    CHECK_NUMBER(next(&s, &now, 24 * 3600000), 0);
  }
}

void test_stop(void) {
  tb_supervisor_t s = up(1, 5);
  tb_supervisor_stop(&s);
  CHECK_NUMBER(tb_supervisor_poll(&s, 6), TB_DO_CLOSE_SERVERS | TB_DO_DISCONNECT);
  tb_supervisor_link(&s, false, 7);
  tb_supervisor_link(&s, true, 8);
  tb_supervisor_handshake(&s, 9);
  tb_supervisor_heard(&s, 9);
  uint32_t now = 10;
  CHECK_NUMBER(next(&s, &now, 24 * 3600000), 0);
  CHECK_TEXT(tb_state_name(s.state), "off");
  /* And it can begin again; the link is still there. */
  tb_supervisor_start(&s, now);
  CHECK_NUMBER(tb_supervisor_poll(&s, now), ATTEMPT);
}
