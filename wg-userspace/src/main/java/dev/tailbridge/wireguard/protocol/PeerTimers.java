package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.KEEPALIVE_TIMEOUT;
import static dev.tailbridge.wireguard.protocol.Constants.MAX_JITTER_MILLIS;
import static dev.tailbridge.wireguard.protocol.Constants.MILLISECOND;
import static dev.tailbridge.wireguard.protocol.Constants.NEVER;
import static dev.tailbridge.wireguard.protocol.Constants.REKEY_TIMEOUT;
import static dev.tailbridge.wireguard.protocol.Constants.SLOW_PACE;
import static dev.tailbridge.wireguard.protocol.Constants.ZEROING_TIME;

import java.util.Random;

/**
 * The five timers of a peer and the events that arm and cancel them (paper 6.2 to 6.5). What
 * happens when one fires is the peer's affair.
 */
final class PeerTimers {

  private final Random random;
  private final long persistentInterval;

  private long retransmit = NEVER;
  private long keepalive = NEVER;
  private long newHandshake = NEVER;
  private long zeroing = NEVER;
  private long persistent = NEVER;
  private boolean needAnotherKeepalive;

  /** An attempt was in vain, and since then nothing was heard and nobody wanted to send. */
  private boolean resting;

  /**
   * @param persistentInterval nanoseconds; 0 for none
   */
  PeerTimers(Random random, long persistentInterval) {
    this.random = random;
    this.persistentInterval = persistentInterval;
  }

  /** We sent data: if nothing at all comes back, the session is dead at the other side. */
  void dataSent(long now) {
    if (newHandshake == NEVER) {
      newHandshake = now + KEEPALIVE_TIMEOUT + REKEY_TIMEOUT + jitter();
    }
  }

  /** We received data and owe the peer a sign of life, unless data goes back before. */
  void dataReceived(long now) {
    if (keepalive == NEVER) {
      keepalive = now + KEEPALIVE_TIMEOUT;
    } else {
      needAnotherKeepalive = true;
    }
  }

  /** We call first, at a random time within the spread, unless the peer does. */
  void firstCall(long now, long spread) {
    newHandshake = now + (long) (random.nextDouble() * spread);
  }

  void authenticatedPacketSent(long now) {
    keepalive = NEVER;
    rearmPersistent(now);
  }

  void authenticatedPacketReceived(long now) {
    newHandshake = NEVER;
    resting = false;
    rearmPersistent(now);
  }

  /** It will be repeated until it is answered or given up. */
  void initiationSent(long now) {
    resting = false;
    retransmit = now + REKEY_TIMEOUT + jitter();
  }

  /** An initiation had to wait for its minimum distance: it is made up for, not forgotten. */
  void initiationSuppressed(long earliest) {
    if (retransmit == NEVER) {
      retransmit = earliest + jitter();
    }
  }

  void handshakeComplete() {
    retransmit = NEVER;
  }

  void sessionDerived(long now) {
    zeroing = now + ZEROING_TIME;
  }

  /**
   * No answer to any of the initiations: rest, and forget the keys in a while. A persistent
   * keepalive goes on at a slow pace.
   */
  void handshakeAbandoned(long now) {
    keepalive = NEVER;
    resting = true;
    rearmPersistent(now);
    if (zeroing == NEVER) {
      zeroing = now + ZEROING_TIME;
    }
  }

  long nextDeadline() {
    return Math.min(
        Math.min(retransmit, keepalive), Math.min(newHandshake, Math.min(zeroing, persistent)));
  }

  boolean retransmitFires(long now) {
    if (retransmit > now) {
      return false;
    }
    retransmit = NEVER;
    return true;
  }

  boolean keepaliveFires(long now) {
    if (keepalive > now) {
      return false;
    }
    keepalive = NEVER;
    return true;
  }

  /** After a keepalive was due and tried: data that came in meanwhile wants its own. */
  void keepaliveFired(long now) {
    if (needAnotherKeepalive) {
      needAnotherKeepalive = false;
      keepalive = now + KEEPALIVE_TIMEOUT;
    }
  }

  boolean newHandshakeFires(long now) {
    if (newHandshake > now) {
      return false;
    }
    newHandshake = NEVER;
    return true;
  }

  boolean zeroingFires(long now) {
    if (zeroing > now) {
      return false;
    }
    zeroing = NEVER;
    return true;
  }

  boolean persistentFires(long now) {
    if (persistent > now) {
      return false;
    }
    persistent = NEVER;
    return true;
  }

  /** Whether a call to the peer should be a single one, until it is heard or wanted again. */
  boolean isResting() {
    return resting;
  }

  boolean hasPersistentKeepalive() {
    return persistentInterval > 0;
  }

  void stop() {
    retransmit = NEVER;
    keepalive = NEVER;
    newHandshake = NEVER;
    zeroing = NEVER;
    persistent = NEVER;
    needAnotherKeepalive = false;
  }

  /** Counts from now, and at the slow pace while the peer does not answer. */
  void rearmPersistent(long now) {
    if (persistentInterval > 0) {
      persistent = now + (resting ? Math.max(persistentInterval, SLOW_PACE) : persistentInterval);
    }
  }

  private long jitter() {
    return random.nextInt(MAX_JITTER_MILLIS + 1) * MILLISECOND;
  }
}
