package dev.tailbridge.wireguard.protocol;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The rows P1 to P5 and C1 to C3 of the reference, with nothing of the real implementation. */
final class ModelKeypairs {

  private static final long SECOND = 1_000_000_000L;
  private static final long REJECT_AFTER_MESSAGES = -8193; // 2^64 - 2^13 - 1, unsigned
  private static final long WINDOW = 8128;

  /** A session of one end. */
  static final class Session {
    final int number;
    final boolean initiator;
    final long created;
    long sent;
    private final Set<Long> received = new HashSet<>();
    private long greatest;

    Session(int number, boolean initiator, long created) {
      this.number = number;
      this.initiator = initiator;
      this.created = created;
    }

    /** P5, by age. */
    boolean expired(long now) {
      return now - created >= 180 * SECOND;
    }

    boolean maySend(long now) {
      return !expired(now) && Long.compareUnsigned(sent, REJECT_AFTER_MESSAGES) < 0;
    }

    /** C2 and C3, as a set that forgets nothing. */
    boolean takeCounter(long counter) {
      if (Long.compareUnsigned(counter, greatest) < 0
          && Long.compareUnsigned(greatest - counter, WINDOW) > 0) {
        return false;
      }
      greatest = Long.compareUnsigned(counter, greatest) > 0 ? counter : greatest;
      return received.add(counter);
    }
  }

  Session previous;
  Session current;
  Session next;

  /** P1, initiator. */
  void installInitiated(Session fresh, Set<ModelRow> rows) {
    if (next != null) {
      rows.add(ModelRow.P1_INITIATOR_WITH_NEXT);
      previous = next;
      next = null;
    } else {
      rows.add(ModelRow.P1_INITIATOR);
      previous = current;
    }
    current = fresh;
  }

  /** P1, responder. */
  void installResponded(Session fresh, Set<ModelRow> rows) {
    rows.add(next == null ? ModelRow.P1_RESPONDER : ModelRow.P1_RESPONDER_WITH_NEXT);
    next = fresh;
    previous = null;
  }

  /** P2: whether this first packet on it makes the next session the current one. */
  boolean confirms(Session used) {
    if (used != next) {
      return false;
    }
    previous = current;
    current = next;
    next = null;
    return true;
  }

  /** P4. */
  Session find(int number) {
    for (Session session : all()) {
      if (session.number == number) {
        return session;
      }
    }
    return null;
  }

  List<Session> all() {
    List<Session> all = new ArrayList<>();
    all.add(previous);
    all.add(current);
    all.add(next);
    all.removeIf(Objects::isNull);
    return all;
  }

  void clear() {
    previous = null;
    current = null;
    next = null;
  }
}
