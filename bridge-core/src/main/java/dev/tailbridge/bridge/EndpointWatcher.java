package dev.tailbridge.bridge;

import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardListener;
import dev.tailbridge.wireguard.WireGuardPeer;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts what happens at the WireGuard endpoint into the log, limited. Confined to its loop. */
final class EndpointWatcher implements WireGuardListener {

  private static final Logger LOG = LoggerFactory.getLogger("wireguard");
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int UNKNOWN_KEYS_REMEMBERED = 256;

  private final Map<WireGuardPeer, Device> devices = new HashMap<>();

  /** When each unknown key was last reported; the eldest is forgotten, so it stays bounded. */
  private final Map<PublicKey, Long> unknownKeys =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PublicKey, Long> eldest) {
          return size() > UNKNOWN_KEYS_REMEMBERED;
        }
      };

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
    if (device != null && reason == DropReason.STALE_INITIATION) {
      device
          .log()
          .limited(
              reason.name(),
              () ->
                  "sends handshakes with an old timestamp, which are refused: its clock was set back;"
                      + " let it set its clock by NTP, outside of the tunnel, before it connects");
    } else if (device != null && reason == DropReason.INNER_SOURCE_DENIED) {
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
  public void unknownKey(PublicKey key, InetSocketAddress source) {
    long now = System.nanoTime();
    Long last = unknownKeys.get(key);
    if (last == null || now - last > QUIET_NANOS) {
      unknownKeys.put(key, now);
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
