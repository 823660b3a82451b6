#include "tb_supervisor.h"

#include <string.h>

enum { HOUR_MS = 3600000, NAME_RETRY_MS = 1000 };

/* A session is good for 180 s (REJECT_AFTER_TIME); with less left than this it is not relied on. */
enum { RELY_ON_SESSION_MS = 150000 };

tb_policy_t tb_policy_default(void) {
  return (tb_policy_t){
      /* Longer than a time server takes; should it take longer still, this project's bridge takes the
         first handshake anyhow, and others take the next one, 5 s later. */
      .clock_wait_ms = 2000,
      .attempt_ms = 12000,
      .silence_ms = 20000,
      .probe_ms = 5000,
      .relink_probe_ms = 1500,
      .probe_misses = 3,
      .backoff_first_ms = 1000,
      .backoff_limit_ms = 60000,
      .stable_ms = 60000,
      .reboot_first_ms = 15 * 60000,
      .reboot_limit_ms = HOUR_MS,
  };
}

const char *tb_state_name(tb_state_t state) {
  static const char *const NAMES[] = {
      [TB_STATE_OFF] = "off",
      [TB_STATE_WAIT_LINK] = "wait_link",
      [TB_STATE_WAIT_CLOCK] = "wait_clock",
      [TB_STATE_CONNECTING] = "connecting",
      [TB_STATE_BACKOFF] = "backoff",
      [TB_STATE_UP] = "up",
      [TB_STATE_PROBING] = "probing",
  };
  return NAMES[state];
}

void tb_supervisor_init(tb_supervisor_t *s, const tb_policy_t *policy, uint8_t endpoint_count,
                        uint32_t seed, uint32_t reboots) {
  memset(s, 0, sizeof *s);
  s->policy = *policy;
  s->endpoint_count = endpoint_count;
  s->reboots = reboots;
  tb_backoff_init(&s->backoff, policy->backoff_first_ms, policy->backoff_limit_ms, seed);
}

static void enter(tb_supervisor_t *s, tb_state_t state, tb_deadline_t until) {
  s->state = state;
  s->step = until;
}

/* From now on the time without a tunnel counts. */
static void arm_reboot(tb_supervisor_t *s, uint32_t now_ms) {
  uint32_t patience = s->policy.reboot_first_ms;
  if (patience == 0 || s->reboot.set) {
    return;
  }
  for (uint32_t i = 0; i < s->reboots && patience < s->policy.reboot_limit_ms; i++) {
    patience = patience > s->policy.reboot_limit_ms / 2 ? s->policy.reboot_limit_ms : patience * 2;
  }
  s->reboot = tb_deadline_in(now_ms, patience);
}

static void close_servers(tb_supervisor_t *s) {
  s->actions &= ~(uint32_t)TB_DO_OPEN_SERVERS;
  if (s->serving) {
    s->actions |= TB_DO_CLOSE_SERVERS;
    s->serving = false;
  }
}

/* The library does not begin a handshake while it has keys, hence always: forget, set, connect. */
static void attempt(tb_supervisor_t *s, uint32_t now_ms) {
  close_servers(s);
  if (s->engaged) {
    s->actions |= TB_DO_DISCONNECT;
  }
  s->actions |= TB_DO_SET_ENDPOINT | TB_DO_CONNECT;
  s->actions &= ~(uint32_t)TB_DO_PROBE;
  s->engaged = true;
  s->retry = tb_deadline_none();
  s->stable = tb_deadline_none();
  s->probe_open = false;
  s->proven = false;
  arm_reboot(s, now_ms);
  enter(s, TB_STATE_CONNECTING, tb_deadline_in(now_ms, s->policy.attempt_ms));
}

static void back_off(tb_supervisor_t *s, uint32_t now_ms) {
  s->retry = tb_deadline_none();
  enter(s, TB_STATE_BACKOFF, tb_deadline_in(now_ms, tb_backoff_next(&s->backoff)));
}

static void probe(tb_supervisor_t *s, uint32_t now_ms) {
  s->probe_number++;
  s->probe_sent_ms = now_ms;
  s->probe_open = true;
  s->stats.probes++;
  s->actions |= TB_DO_PROBE;
}

/* The first try goes to the same endpoint and at once: mostly the other side only started anew. */
static void dead(tb_supervisor_t *s, uint32_t now_ms) {
  s->stats.losses++;
  attempt(s, now_ms);
}

static void missed(tb_supervisor_t *s, uint32_t now_ms) {
  s->stats.missed++;
  s->misses++;
  if (s->misses >= s->policy.probe_misses) {
    dead(s, now_ms);
    return;
  }
  probe(s, now_ms);
  s->step = tb_deadline_in(now_ms, s->policy.probe_ms);
}

void tb_supervisor_start(tb_supervisor_t *s, uint32_t now_ms) {
  if (s->state != TB_STATE_OFF) {
    return;
  }
  arm_reboot(s, now_ms);
  enter(s, TB_STATE_WAIT_LINK, tb_deadline_none());
  if (s->link) {
    tb_supervisor_link(s, true, now_ms);
  }
}

/* Without a link the library would go on calling, and then rest from it when the link is back. */
static void forget_session(tb_supervisor_t *s) {
  close_servers(s);
  if (s->engaged) {
    s->actions |= TB_DO_DISCONNECT;
    s->engaged = false;
  }
}

void tb_supervisor_stop(tb_supervisor_t *s) {
  s->actions = 0;
  forget_session(s);
  s->retry = s->stable = s->reboot = tb_deadline_none();
  enter(s, TB_STATE_OFF, tb_deadline_none());
}

/* Its session may have outlived the link: one quick question tells, and connections stay open. */
static void resume(tb_supervisor_t *s, uint32_t now_ms) {
  s->misses = s->policy.probe_misses - 1;
  probe(s, now_ms);
  enter(s, TB_STATE_PROBING, tb_deadline_in(now_ms, s->policy.relink_probe_ms));
}

static void link_came(tb_supervisor_t *s, uint32_t now_ms) {
  if (s->serving) {
    resume(s, now_ms);
  } else if (s->clock_ready) {
    attempt(s, now_ms);
  } else {
    enter(s, TB_STATE_WAIT_CLOCK, tb_deadline_in(now_ms, s->policy.clock_wait_ms));
  }
}

static void link_went(tb_supervisor_t *s, uint32_t now_ms) {
  bool session = tb_supervisor_up(s);
  uint32_t age = now_ms - s->handshake_ms;
  uint32_t good = age < RELY_ON_SESSION_MS ? RELY_ON_SESSION_MS - age : 0;
  s->actions &= ~(uint32_t)(TB_DO_SET_ENDPOINT | TB_DO_CONNECT | TB_DO_PROBE);
  s->retry = s->stable = tb_deadline_none();
  arm_reboot(s, now_ms);
  enter(s, TB_STATE_WAIT_LINK, session ? tb_deadline_in(now_ms, good) : tb_deadline_none());
  if (!session) {
    forget_session(s);
  }
}

void tb_supervisor_link(tb_supervisor_t *s, bool up, uint32_t now_ms) {
  bool was = s->link;
  s->link = up;
  if (s->state == TB_STATE_OFF) {
    return;
  }
  if (up && s->state == TB_STATE_WAIT_LINK) {
    link_came(s, now_ms);
  } else if (!up && was) {
    link_went(s, now_ms);
  }
}

void tb_supervisor_clock(tb_supervisor_t *s, uint32_t now_ms) {
  s->clock_ready = true;
  if (s->state == TB_STATE_WAIT_CLOCK) {
    attempt(s, now_ms);
  }
}

void tb_supervisor_connect(tb_supervisor_t *s, tb_connect_t result, uint32_t now_ms) {
  if (s->state != TB_STATE_CONNECTING) {
    return;
  }
  if (result == TB_CONNECT_LATER) {
    s->retry = tb_deadline_in(now_ms, NAME_RETRY_MS);
  } else if (result == TB_CONNECT_FAILED) {
    back_off(s, now_ms);
  }
}

/* The tunnel is up, after whatever it was before. */
static void came_up(tb_supervisor_t *s, uint32_t now_ms) {
  s->stats.sessions++;
  s->retry = s->reboot = tb_deadline_none();
  s->stable = tb_deadline_in(now_ms, s->policy.stable_ms);
  if (!s->serving) {
    s->serving = true;
    s->actions |= TB_DO_OPEN_SERVERS;
  }
  probe(s, now_ms);
}

void tb_supervisor_handshake(tb_supervisor_t *s, uint32_t now_ms) {
  bool waiting = s->state == TB_STATE_CONNECTING || s->state == TB_STATE_BACKOFF;
  if (!waiting && !tb_supervisor_up(s)) {
    return;
  }
  s->stats.handshakes++;
  s->handshake_ms = now_ms;
  s->actions |= TB_DO_KEEP;
  if (waiting) {
    came_up(s, now_ms);
  }
  s->heard_ms = now_ms;
  enter(s, TB_STATE_UP, tb_deadline_in(now_ms, s->policy.silence_ms));
}

void tb_supervisor_heard(tb_supervisor_t *s, uint32_t now_ms) {
  if (!tb_supervisor_up(s)) {
    return; /* left over from the session before */
  }
  if (!s->stable.set && (s->backoff.tries > 0 || s->reboots > 0)) {
    s->stable = tb_deadline_in(now_ms, s->policy.stable_ms);
  }
  s->reboot = tb_deadline_none();
  s->heard_ms = now_ms;
  enter(s, TB_STATE_UP, tb_deadline_in(now_ms, s->policy.silence_ms));
}

void tb_supervisor_answer(tb_supervisor_t *s, uint16_t probe_number, uint32_t now_ms) {
  if (tb_supervisor_up(s) && s->probe_open && probe_number == s->probe_number) {
    s->probe_open = false;
    s->proven = true;
    s->stats.rtt_ms = now_ms - s->probe_sent_ms;
  }
  tb_supervisor_heard(s, now_ms);
}

static void step_over(tb_supervisor_t *s, uint32_t now_ms) {
  switch (s->state) {
    case TB_STATE_WAIT_CLOCK:
      s->clock_ready = true; /* with the floor; it is not waited for again */
      attempt(s, now_ms);
      break;
    case TB_STATE_BACKOFF:
      /* Until now the library went on calling the one before, and may have been called by it. */
      s->endpoint = (uint8_t)((s->endpoint + 1) % s->endpoint_count);
      attempt(s, now_ms);
      break;
    case TB_STATE_CONNECTING:
      back_off(s, now_ms);
      break;
    case TB_STATE_UP:
      s->misses = 0;
      probe(s, now_ms);
      enter(s, TB_STATE_PROBING, tb_deadline_in(now_ms, s->policy.probe_ms));
      break;
    case TB_STATE_PROBING:
      missed(s, now_ms);
      break;
    case TB_STATE_WAIT_LINK:
      forget_session(s);
      s->step = tb_deadline_none();
      break;
    case TB_STATE_OFF:
      s->step = tb_deadline_none();
      break;
  }
}

uint32_t tb_supervisor_poll(tb_supervisor_t *s, uint32_t now_ms) {
  if (tb_deadline_due(s->reboot, now_ms)) {
    s->reboots++;
    s->reboot = tb_deadline_none();
    s->actions |= TB_DO_KEEP | TB_DO_REBOOT;
  }
  if (tb_deadline_due(s->step, now_ms)) {
    step_over(s, now_ms);
  }
  if (tb_deadline_due(s->retry, now_ms)) {
    s->retry = tb_deadline_none();
    s->actions |= TB_DO_CONNECT;
  }
  if (tb_deadline_due(s->stable, now_ms)) {
    s->stable = tb_deadline_none();
    tb_backoff_reset(&s->backoff);
    if (s->reboots > 0) {
      s->reboots = 0;
      s->actions |= TB_DO_KEEP;
    }
  }
  uint32_t actions = s->actions;
  s->actions = 0;
  return actions;
}

uint32_t tb_supervisor_wait(const tb_supervisor_t *s, uint32_t now_ms) {
  if (s->actions != 0) {
    return 0;
  }
  uint32_t wait = HOUR_MS;
  wait = tb_deadline_sooner(s->step, now_ms, wait);
  wait = tb_deadline_sooner(s->retry, now_ms, wait);
  wait = tb_deadline_sooner(s->stable, now_ms, wait);
  return tb_deadline_sooner(s->reboot, now_ms, wait);
}
