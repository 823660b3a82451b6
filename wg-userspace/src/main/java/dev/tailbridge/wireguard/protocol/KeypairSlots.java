package dev.tailbridge.wireguard.protocol;

import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The three sessions of a peer: previous (receives only), current (sends and receives), next (we
 * responded and wait for its first packet).
 *
 * <p>A keypair that leaves the slots is destroyed at once and its index freed.
 */
final class KeypairSlots {

  private final IntConsumer freeIndex;
  private @Nullable Keypair previous;
  private @Nullable Keypair current;
  private @Nullable Keypair next;

  KeypairSlots(IntConsumer freeIndex) {
    this.freeIndex = freeIndex;
  }

  @Nullable Keypair previous() {
    return previous;
  }

  @Nullable Keypair current() {
    return current;
  }

  @Nullable Keypair next() {
    return next;
  }

  /** We initiated and got a valid response: the peer can already read the new session. */
  void installInitiated(Keypair fresh) {
    if (next != null) {
      // The unconfirmed session may be in use by the peer, the current one is older still.
      kill(previous);
      previous = next;
      next = null;
      kill(current);
    } else {
      kill(previous);
      previous = current;
    }
    current = fresh;
  }

  /** We respond: the new session waits for the peer's first packet. */
  void installResponded(Keypair fresh) {
    kill(next);
    next = fresh;
    kill(previous);
    previous = null;
  }

  /**
   * An authentic, new packet came in on this session.
   *
   * @return true when that confirmed a session we responded to
   */
  boolean confirm(Keypair used) {
    if (used != next) {
      return false;
    }
    installUsed(used);
    next = null;
    return true;
  }

  /** The peer used a session that we responded to. */
  void installUsed(Keypair used) {
    kill(previous);
    previous = current;
    current = used;
  }

  @Nullable Keypair find(int index) {
    if (current != null && current.localIndex == index) {
      return current;
    }
    if (next != null && next.localIndex == index) {
      return next;
    }
    return previous != null && previous.localIndex == index ? previous : null;
  }

  void clear() {
    kill(previous);
    kill(current);
    kill(next);
    previous = null;
    current = null;
    next = null;
  }

  private void kill(@Nullable Keypair keypair) {
    if (keypair != null) {
      freeIndex.accept(keypair.localIndex);
      keypair.destroy();
    }
  }
}
