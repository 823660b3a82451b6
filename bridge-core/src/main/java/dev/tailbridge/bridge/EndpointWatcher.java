package dev.tailbridge.bridge;

import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.device.LogLimit;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardListener;
import dev.tailbridge.wireguard.WireGuardPeer;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what happens at the WireGuard endpoint into the log, limited.
 *
 * <p>Thread-safe: what concerns a device comes on the device's own loop, everything else on any.
 */
final class EndpointWatcher implements WireGuardListener {

  private static final Logger LOG = LoggerFactory.getLogger("wireguard");

  private final Map<WireGuardPeer, Device> devices = new ConcurrentHashMap<>();

  private volatile Runnable endpointChange = () -> {};
  private final LogLimit unknownKeys = new LogLimit();

  /**
   * @param work what to do when a device was heard at another address; must not block
   */
  void onEndpointChange(Runnable work) {
    endpointChange = work;
  }

  void watch(Device device) {
    devices.put(device.peer(), device);
  }

  @Override
  public void handshakeCompleted(WireGuardPeer peer) {
    Device device = devices.get(peer);
    if (device != null) {
      device.log().handshake(peer.status().endpoint());
    }
  }

  @Override
  public void endpointChanged(
      WireGuardPeer peer, @Nullable InetSocketAddress previous, InetSocketAddress current) {
    endpointChange.run();
    Device device = devices.get(peer);
    if (device != null && previous != null) {
      device
          .log()
          .limited("endpoint", () -> "moved from " + text(previous) + " to " + text(current));
    }
  }

  @Override
  public void dropped(@Nullable WireGuardPeer peer, DropReason reason) {
    Device device = peer == null ? null : devices.get(peer);
    if (device != null && reason == DropReason.INNER_SOURCE_DENIED) {
      device
          .log()
          .limited(
              reason.name(),
              () ->
                  "sends packets from an address that is not its own: its tunnel address must be the"
                      + " one in devices.toml");
    } else if (device != null && reason == DropReason.INVALID_RESPONSE) {
      device
          .log()
          .limited(
              reason.name(),
              () -> "its handshake response does not decrypt: is the preshared key the same?");
    }
  }

  @Override
  public void reverseHandshakeAnswered(WireGuardPeer peer, long afterNanos) {
    Device device = devices.get(peer);
    if (device != null) {
      device
          .log()
          .limited(
              "rescued",
              () ->
                  "came with a clock that was set back, and was connected by a handshake of the"
                      + " bridge's own; let it set its clock by NTP, outside of the tunnel");
    }
  }

  @Override
  public void reverseHandshakeUnanswered(WireGuardPeer peer) {
    Device device = devices.get(peer);
    if (device != null) {
      device
          .log()
          .limited(
              "not rescued",
              () ->
                  "sends handshakes with an old timestamp, which are refused, and does not answer the"
                      + " bridge's own: let it set its clock by NTP, outside of the tunnel, before it"
                      + " connects");
    }
  }

  @Override
  public void unknownKey(PublicKey key, InetSocketAddress source) {
    if (unknownKeys.pass(key, System.nanoTime()) != LogLimit.SUPPRESSED) {
      LOG.warn(
          "{} wants to connect with the unknown public key {}: if it is yours, add a [[device]]"
              + " with it",
          text(source),
          key.toBase64());
    }
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
