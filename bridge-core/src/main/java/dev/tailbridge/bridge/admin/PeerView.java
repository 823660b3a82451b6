package dev.tailbridge.bridge.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A machine of the tailnet, and the way that a device's node has to it, as the API shows it.
 *
 * @param direct the UDP address of the machine on a direct way; null when packets are relayed, or
 *     none went lately
 * @param derp the relay region: of the way when it is relayed, else the machine's home; null when
 *     it is not known
 * @param rttMillis the round trip between the two nodes; null unless it was measured and answered
 * @param rxBytes bytes from it since the node started
 * @param txBytes bytes to it since the node started
 */
public record PeerView(
    String name,
    List<String> addresses,
    boolean online,
    @Nullable String direct,
    @Nullable String derp,
    @Nullable Double rttMillis,
    long rxBytes,
    long txBytes) {

  public PeerView {
    addresses = List.copyOf(addresses);
  }
}
