package dev.tailbridge.bridge;

import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.device.LogLimit;
import dev.tailbridge.bridge.device.PeerReport;
import dev.tailbridge.bridge.gateway.Uplink;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.StaleInitiations;
import dev.tailbridge.wireguard.WireGuardListener;
import dev.tailbridge.wireguard.WireGuardPeer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what happens at the WireGuard endpoint to the device that it is about, and explains the
 * rest.
 *
 * <p>Thread-safe: what concerns a device comes on the device's own loop, everything else on any.
 */
final class EndpointWatcher implements WireGuardListener {

  private static final Logger LOG = LoggerFactory.getLogger("wireguard");

  private final Map<WireGuardPeer, Device> devices = new ConcurrentHashMap<>();
  private final Map<WireGuardPeer, Uplink> uplinks = new ConcurrentHashMap<>();
  private final UnknownKeys unknownKeys = new UnknownKeys();
  private final LogLimit limit = new LogLimit();
  private volatile Runnable endpointChange = () -> {};
  private volatile boolean underLoad;

  /**
   * @param work what to do when a device was heard at another address; must not block
   */
  void onEndpointChange(Runnable work) {
    endpointChange = work;
  }

  void watch(Device device) {
    devices.put(device.peer(), device);
  }

  void forget(Device device) {
    devices.remove(device.peer(), device);
  }

  void watch(Uplink uplink) {
    uplinks.put(uplink.peer(), uplink);
  }

  void forget(Uplink uplink) {
    uplinks.remove(uplink.peer(), uplink);
  }

  /** Who wanted to connect and is no device; the one seen last first. */
  List<UnknownKeys.Seen> unknownKeys() {
    return unknownKeys.list();
  }

  /** Whether handshakes pile up, so that their senders must prove their address. */
  boolean underLoad() {
    return underLoad;
  }

  @Override
  public void handshakeCompleted(WireGuardPeer peer) {
    tell(peer, report -> report.handshake(peer.status().endpoint()));
    Device device = devices.get(peer);
    if (device != null) {
      device.sessionBegan();
    }
    soon(peer, Uplink::sessionBegan);
  }

  @Override
  public void handshakeUnanswered(WireGuardPeer peer) {
    soon(peer, Uplink::handshakeUnanswered);
  }

  @Override
  public void handshakeAbandoned(WireGuardPeer peer) {
    tell(peer, PeerReport::handshakeAbandoned);
    soon(peer, Uplink::handshakeAbandoned);
  }

  @Override
  public void endpointChanged(
      WireGuardPeer peer, @Nullable InetSocketAddress previous, InetSocketAddress current) {
    endpointChange.run();
    if (previous != null) {
      tell(peer, report -> report.moved(previous, current));
    }
  }

  @Override
  public void dropped(@Nullable WireGuardPeer peer, DropReason reason) {
    if (peer != null && reason == DropReason.INNER_SOURCE_DENIED) {
      tell(peer, PeerReport::foreignSource);
    } else if (peer != null && reason == DropReason.INVALID_RESPONSE) {
      tell(peer, PeerReport::presharedKeyDiffers);
    }
  }

  @Override
  public void staleInitiation(WireGuardPeer peer, long behindNanos, InetSocketAddress source) {
    StaleInitiations action = peer.config().staleInitiations();
    tell(peer, report -> report.staleInitiation(behindNanos, source, action));
  }

  @Override
  public void reverseHandshakeAnswered(WireGuardPeer peer, long afterNanos) {
    StaleInitiations action = peer.config().staleInitiations();
    tell(peer, report -> report.rescued(action));
  }

  @Override
  public void reverseHandshakeUnanswered(WireGuardPeer peer) {
    StaleInitiations action = peer.config().staleInitiations();
    tell(peer, report -> report.notRescued(action));
  }

  @Override
  public void clockAhead(WireGuardPeer peer, long aheadNanos) {
    tell(peer, report -> report.clockAhead(aheadNanos));
  }

  @Override
  public void handshakesUnconfirmed(WireGuardPeer peer) {
    tell(peer, PeerReport::unconfirmed);
  }

  @Override
  public void unknownKey(PublicKey key, InetSocketAddress source) {
    unknownKeys.heard(key, source);
  }

  /** One line a minute, whoever sends them: with junk come as many sources as somebody likes. */
  @Override
  public void wrongMac1(InetSocketAddress source) {
    long suppressed = limit.pass(DropReason.BAD_MAC1, System.nanoTime());
    if (suppressed != LogLimit.SUPPRESSED) {
      LOG.warn(
          "{}{} sends handshakes for another public key than this bridge's, or junk: a device there"
              + " must hold the key that `bridge status` shows{}",
          text(source),
          lastHeardAt(source.getAddress()),
          suppressed == 0 ? "" : " (and " + suppressed + " more datagrams since the last line)");
    }
  }

  @Override
  public void cookieMode(boolean on) {
    underLoad = on;
    if (limit.pass(on ? "load begins" : "load ends", System.nanoTime()) != LogLimit.SUPPRESSED) {
      LOG.warn(
          on
              ? "handshakes pile up: until that ends, senders must prove their address first"
              : "handshakes no longer pile up");
    }
  }

  /** An uplink may want to send, which is not for the middle of the work on a datagram. */
  private void soon(WireGuardPeer peer, Consumer<Uplink> event) {
    Uplink uplink = uplinks.get(peer);
    if (uplink != null) {
      peer.eventLoop().execute(() -> event.accept(uplink));
    }
  }

  private void tell(WireGuardPeer peer, Consumer<PeerReport> event) {
    Device device = devices.get(peer);
    if (device != null) {
      event.accept(device.report());
    }
  }

  /** The devices that are likely meant, since the datagram itself does not say. */
  private String lastHeardAt(InetAddress address) {
    List<String> names =
        devices.values().stream()
            .filter(
                device -> {
                  InetSocketAddress endpoint = device.peer().status().endpoint();
                  return endpoint != null && address.equals(endpoint.getAddress());
                })
            .map(Device::name)
            .sorted()
            .limit(3)
            .toList();
    return names.isEmpty() ? "" : ", where " + String.join(", ", names) + " was last heard,";
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
