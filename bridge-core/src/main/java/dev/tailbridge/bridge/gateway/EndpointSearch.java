package dev.tailbridge.bridge.gateway;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of the addresses of a server is to be dialed. Not thread-safe.
 *
 * <p>The name is believed at once when it no longer leads to where the server was; otherwise each
 * address gets two initiations before the next one has its turn, so that a family that does not get
 * through does not keep the other from it.
 */
final class EndpointSearch {

  private static final int TRIES_OF_ONE = 2;

  private int unanswered;

  /** Nothing came back from where the server is dialed now. */
  void unanswered() {
    unanswered++;
  }

  /** The server was heard. */
  void answered() {
    unanswered = 0;
  }

  /**
   * What to dial, now that the addresses of the server's name are known.
   *
   * @param now what is dialed at present; null for nothing
   * @return the address to dial from now on, or null to go on as before
   */
  @Nullable InetAddress choose(List<InetAddress> found, @Nullable InetAddress now) {
    int index = now == null ? -1 : found.indexOf(now);
    boolean goOn = index >= 0 && (unanswered < TRIES_OF_ONE || found.size() == 1);
    if (goOn) {
      return null;
    }
    unanswered = 0;
    return found.get((index + 1) % found.size());
  }
}
