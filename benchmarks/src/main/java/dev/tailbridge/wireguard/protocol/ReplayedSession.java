package dev.tailbridge.wireguard.protocol;

import java.lang.reflect.Field;
import java.util.Arrays;

/**
 * Lets a benchmark bring the same datagrams over and over: sealing fresh ones inside the
 * measurement would be measured with it.
 *
 * <p>Only the window forgets; everything that a packet passes in {@link PeerTransport} it passes.
 */
public final class ReplayedSession {

  private final ReplayWindow window;
  private final long[] words;
  private final Field greatest;

  /** The session in use of a peer that received at least one packet on it. */
  public ReplayedSession(Peer peer) throws ReflectiveOperationException {
    Field replay = Keypair.class.getDeclaredField("replay");
    replay.setAccessible(true);
    window = (ReplayWindow) replay.get(peer.transport.keypairs.current());
    Field field = ReplayWindow.class.getDeclaredField("words");
    field.setAccessible(true);
    words = (long[]) field.get(window);
    greatest = ReplayWindow.class.getDeclaredField("greatest");
    greatest.setAccessible(true);
  }

  /** Afterwards no counter was seen. */
  public void forget() {
    Arrays.fill(words, 0);
    try {
      greatest.setLong(window, 0);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
