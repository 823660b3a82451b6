#include "library.h"

enum {
  REKEY_TIMEOUT_MS = 5000,
  REKEY_AFTER_MS = 120000,
  REJECT_AFTER_MS = 180000,
};

static bool may_call(const library_t *library, uint64_t now_ms) {
  return library->called_ms == 0 || now_ms - library->called_ms >= REKEY_TIMEOUT_MS;
}

library_word_t library_tick(library_t *library, uint64_t now_ms) {
  if (library->session != 0 && now_ms - library->keys_ms >= REJECT_AFTER_MS) {
    library->session = 0;
  }
  if (library->session != 0 && library->keepalive_ms > 0 &&
      now_ms - library->sent_ms >= library->keepalive_ms) {
    library_send(library, now_ms);
    return LIBRARY_KEEPS_ALIVE;
  }
  bool old_answer = library->session != 0 && !library->initiator &&
                    now_ms - library->keys_ms >= REJECT_AFTER_MS - library->keepalive_ms;
  /* With keys it never begins anew for want of answers: that is what makes it blind. */
  bool wants = library->renew || old_answer || (library->session == 0 && library->active);
  if (wants && library->server != 0 && may_call(library, now_ms)) {
    library->renew = false;
    library->called_ms = now_ms;
    return LIBRARY_CALLS;
  }
  return LIBRARY_QUIET;
}

void library_disconnect(library_t *library) {
  library->active = false;
  library->session = 0;
  library->renew = false;
}

bool library_send(library_t *library, uint64_t now_ms) {
  if (library->session == 0) {
    return false;
  }
  library->sent_ms = now_ms;
  if (library->initiator && now_ms - library->keys_ms >= REKEY_AFTER_MS) {
    library->renew = true;
  }
  return true;
}

void library_session(library_t *library, uint32_t session, bool initiator, uint64_t now_ms) {
  library->session = session;
  library->initiator = initiator;
  library->keys_ms = now_ms;
  library->sent_ms = now_ms;
  library->renew = false;
  library->handshakes++;
}
