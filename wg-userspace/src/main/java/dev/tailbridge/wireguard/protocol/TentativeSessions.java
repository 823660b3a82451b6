package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.NEVER;
import static dev.tailbridge.wireguard.protocol.Constants.REJECT_AFTER_TIME;
import static dev.tailbridge.wireguard.protocol.Constants.REKEY_TIMEOUT;

import dev.tailbridge.wireguard.ReverseSuppression;
import dev.tailbridge.wireguard.crypto.Blake2s;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that a peer's stale initiations were answered with and that it has not used yet, and
 * how many such answers it may have; see {@link TentativeHandshakes}.
 *
 * <p>The timestamp of the last session used is the <em>epoch floor</em>. What is above it is no
 * replay of anything that led to that session or came before it in the same life of the device, but
 * its next rekey: it is spared the growing distance between rescues that keeps a replay from being
 * more than a nuisance.
 *
 * <p>Belongs to the thread of its peer.
 */
final class TentativeSessions {

  static final int SLOTS = 2;

  /** How many initiations are remembered, so that none of them is answered twice. */
  static final int REMEMBERED = 64;

  /** A device tries every five seconds. */
  private static final int SOURCE_BURST = 2;

  private static final int MAX_SOURCES = 8;

  /** A session that we answered for and that the peer has not used yet. */
  private static final class Slot {
    final Keypair keypair;
    final byte[] timestamp;
    final byte[] mac1;
    final boolean whileAlive;
    final long answeredAt;

    /** Counted as answered in vain; it may still be used. */
    boolean givenUp;

    boolean awaitsCookie = true;

    Slot(Keypair keypair, byte[] timestamp, byte[] mac1, boolean whileAlive, long answeredAt) {
      this.keypair = keypair;
      this.timestamp = timestamp;
      this.mac1 = mac1;
      this.whileAlive = whileAlive;
      this.answeredAt = answeredAt;
    }
  }

  private final ReverseLimits limits;
  private final IntConsumer freeIndex;
  private final ReverseBackoff backoff = new ReverseBackoff();
  private final SourceLimiter sources = new SourceLimiter(SOURCE_BURST, REKEY_TIMEOUT, MAX_SOURCES);

  /** The older first. */
  private final @Nullable Slot[] slots = new Slot[SLOTS];

  /** The first eight bytes of each ephemeral: drawn at random by the device, so they tell it. */
  private final long[] seen = new long[REMEMBERED];

  private int seenNext;
  private int seenCount;
  private byte @Nullable [] epochFloor;

  /**
   * @param limits those of all peers
   */
  TentativeSessions(ReverseLimits limits, IntConsumer freeIndex) {
    this.limits = limits;
    this.freeIndex = freeIndex;
  }

  /** An initiation with a fresh timestamp was accepted: a repeat of it is stale. */
  void accepted(IncomingInitiation initiation) {
    remember(initiation);
  }

  /** A session that came of a fresh timestamp was used by the peer: its clock is well. */
  void freshHandshakeConfirmed() {
    backoff.reset();
  }

  /** The peer's own address has its place in every limit. */
  void peerMoved(@Nullable InetSocketAddress from, @Nullable InetSocketAddress to) {
    sources.peerMoved(from, to);
  }

  /** Whether this initiation was accepted or answered already. */
  boolean isRepeat(IncomingInitiation initiation) {
    long ephemeral = Message.readLong(initiation.remoteEphemeral, 0);
    for (int i = 0; i < seenCount; i++) {
      if (seen[i] == ephemeral) {
        return true;
      }
    }
    return false;
  }

  /**
   * Takes all that the answer to a stale, otherwise valid initiation costs, or nothing.
   *
   * @param alive whether the peer was heard on a session lately
   * @param atEndpointHost whether the source has the address of the peer's endpoint
   * @return null, or what refused
   */
  @Nullable ReverseSuppression take(
      IncomingInitiation stale,
      InetAddress source,
      boolean alive,
      boolean atEndpointHost,
      long now) {
    boolean rekey = isAboveFloor(stale.timestamp);
    ReverseSuppression refusal = rekey ? null : backoff.refusal(alive, atEndpointHost, now);
    if (refusal == null && !sources.take(source, now)) {
      refusal = ReverseSuppression.PEER_SOURCE_RATE;
    } else if (refusal == null) {
      refusal = limits.take(source, now);
      if (refusal != null) {
        sources.giveBack(source);
      }
    }
    if (refusal != null) {
      return refusal;
    }
    remember(stale);
    if (!rekey) {
      backoff.sent(now);
      if (alive) {
        backoff.lengthen();
      }
    }
    return null;
  }

  /**
   * The answer to an initiation is about to leave.
   *
   * @param timestamp the initiation's
   * @param response with its macs
   */
  void answered(Keypair keypair, byte[] timestamp, byte[] response, boolean alive, long now) {
    int mac1 = response.length - 2 * Blake2s.MAC_BYTES;
    byte[] signed = Arrays.copyOfRange(response, mac1, mac1 + Blake2s.MAC_BYTES);
    kill(0);
    slots[0] = slots[1];
    slots[1] = new Slot(keypair, timestamp.clone(), signed, alive, now);
  }

  /** The unconfirmed session of this index. */
  @Nullable Keypair find(int index) {
    Slot slot = slot(index);
    return slot == null ? null : slot.keypair;
  }

  /**
   * The peer used this session; it is the caller's from now on, and the others are dead.
   *
   * @return after how many nanoseconds
   */
  long confirmed(Keypair keypair, long now) {
    long took = 0;
    for (int i = 0; i < SLOTS; i++) {
      Slot slot = slots[i];
      if (slot != null && slot.keypair == keypair) {
        slots[i] = null;
        epochFloor = slot.timestamp;
        took = now - slot.answeredAt;
        if (!slot.whileAlive) {
          backoff.reset();
        }
      }
    }
    wipe();
    return took;
  }

  /**
   * Keeps the cookie of a reply to one of our answers for the next message; false when it is none.
   */
  boolean consumeCookieReply(byte[] reply, Macs macs, long now) {
    Slot slot = slot(Message.readInt(reply, Message.RECEIVER));
    if (slot == null || !slot.awaitsCookie || !macs.openCookieReply(reply, slot.mac1, now)) {
      return false;
    }
    slot.awaitsCookie = false;
    return true;
  }

  /** When {@link #expire} is due next; {@link Constants#NEVER} without an unconfirmed session. */
  long deadline() {
    long deadline = NEVER;
    for (Slot slot : slots) {
      if (slot != null) {
        long life = slot.givenUp ? REJECT_AFTER_TIME : REKEY_TIMEOUT;
        deadline = Math.min(deadline, slot.answeredAt + life);
      }
    }
    return deadline;
  }

  /**
   * Forgets sessions that are too old, and gives up hope after five seconds.
   *
   * @return how many answers turned out to be in vain
   */
  int expire(long now) {
    int unanswered = 0;
    for (int i = 0; i < SLOTS; i++) {
      Slot slot = slots[i];
      if (slot == null) {
        continue;
      }
      if (!slot.givenUp && now - slot.answeredAt >= REKEY_TIMEOUT) {
        slot.givenUp = true;
        unanswered++;
        if (!slot.whileAlive && !isAboveFloor(slot.timestamp)) {
          backoff.lengthen();
        }
      }
      if (slot.keypair.isExpired(now)) {
        kill(i);
      }
    }
    return unanswered;
  }

  /** Forgets all unconfirmed sessions. */
  void wipe() {
    for (int i = 0; i < SLOTS; i++) {
      kill(i);
    }
  }

  private boolean isAboveFloor(byte[] timestamp) {
    return epochFloor != null && Tai64n.isAfter(timestamp, epochFloor);
  }

  private @Nullable Slot slot(int index) {
    for (Slot slot : slots) {
      if (slot != null && slot.keypair.localIndex == index) {
        return slot;
      }
    }
    return null;
  }

  private void kill(int i) {
    Slot slot = slots[i];
    if (slot != null) {
      slots[i] = null;
      freeIndex.accept(slot.keypair.localIndex);
      slot.keypair.destroy();
    }
  }

  private void remember(IncomingInitiation initiation) {
    seen[seenNext] = Message.readLong(initiation.remoteEphemeral, 0);
    seenNext = (seenNext + 1) % REMEMBERED;
    seenCount = Math.min(seenCount + 1, REMEMBERED);
  }
}
