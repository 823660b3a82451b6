package dev.tailbridge.wire;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.OddEndpoints;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import dev.tailbridge.wireguard.WireGuardEndpointBuilder;
import dev.tailbridge.wireguard.WireGuardListener;
import dev.tailbridge.wireguard.WireGuardPeer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The endpoint under test, on loopback: 10.6.0.1 in its tunnels, where it answers pings. All that
 * the tests know of how an endpoint is set up is here.
 */
final class OurEnd implements AutoCloseable {

  static final String ADDRESS = "10.6.0.1";

  /** As {@code lab-short} has it. */
  private static final int FAST = 20;

  private final PrivateKey key = PrivateKey.generate(new SecureRandom());
  private final EventLoopGroup group;
  private final Map<PublicKey, OurPeer> peers = new ConcurrentHashMap<>();
  private final Queue<PublicKey> strangers = new ConcurrentLinkedQueue<>();
  private final WireGuardEndpoint endpoint;

  private OurEnd(
      EventLoopGroup group, UnaryOperator<WireGuardEndpointBuilder> more, List<String> hosts) {
    this.group = group;
    WireGuardEndpointBuilder builder =
        WireGuardEndpoint.builder(key, group)
            .listen(hosts.stream().map(host -> new InetSocketAddress(host, 0)).toList())
            .listener(new Events());
    endpoint = more.apply(builder).build();
    endpoint.bind().syncUninterruptibly();
  }

  /** On one event loop. */
  static OurEnd listen(String... hosts) {
    return new OurEnd(new EpollEventLoopGroup(1), builder -> builder, List.of(hosts));
  }

  /** All times but that of a handshake's timestamp are a twentieth of WireGuard's. */
  static OurEnd twentyTimesFaster() {
    return new OurEnd(
        new EpollEventLoopGroup(1),
        builder -> OddEndpoints.faster(builder, FAST),
        List.of("127.0.0.1"));
  }

  /** On all loops of a group, which ends with this. */
  static OurEnd on(EventLoopGroup group) {
    return new OurEnd(group, builder -> builder, List.of("127.0.0.1"));
  }

  /** The same, where the kernel does not bring datagrams to the right loop. */
  static OurEnd unsteeredOn(EventLoopGroup group) {
    return new OurEnd(group, OddEndpoints::unsteered, List.of("127.0.0.1"));
  }

  PublicKey publicKey() {
    return key.publicKey();
  }

  /** Where it listens: the address for the host given in this place. */
  InetSocketAddress address(int place) {
    return endpoint.localAddresses().get(place);
  }

  InetSocketAddress address() {
    return address(0);
  }

  /** Adds a peer; {@link OurPeer} takes what comes from it. */
  OurPeer add(PeerConfig config) {
    OurPeer ours = new OurPeer(config);
    peers.put(config.publicKey(), ours);
    endpoint.addPeer(config, ours::attach).eventLoop().submit(() -> {}).syncUninterruptibly();
    return ours;
  }

  /** Waits until our loops have done what they had at hand, and all of it has passed the relay. */
  void settle(Relay relay) {
    endpoint.eventLoops().forEach(loop -> loop.submit(() -> {}).syncUninterruptibly());
    relay.settle();
  }

  long dropped(DropReason reason) {
    return endpoint.dropped(reason);
  }

  /** All reasons for which something was dropped. */
  Map<DropReason, Long> drops() {
    Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
    for (DropReason reason : DropReason.values()) {
      if (endpoint.dropped(reason) > 0) {
        drops.put(reason, endpoint.dropped(reason));
      }
    }
    return drops;
  }

  /** Datagrams that came in on another event loop than their peer's. */
  long handedOver() {
    return endpoint.handedOver();
  }

  /** How many event loops are used. */
  int loops() {
    return endpoint.eventLoops().size();
  }

  /** Keys that are no peer's and asked for a session. */
  Queue<PublicKey> strangers() {
    return strangers;
  }

  @Override
  public void close() {
    endpoint.close().syncUninterruptibly();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Events implements WireGuardListener {

    @Override
    public void handshakeCompleted(WireGuardPeer peer) {
      of(peer).handshakes.incrementAndGet();
    }

    @Override
    public void endpointChanged(
        WireGuardPeer peer, @Nullable InetSocketAddress previous, InetSocketAddress current) {
      of(peer).moves.add(current);
    }

    @Override
    public void unknownKey(PublicKey key, InetSocketAddress source) {
      strangers.add(key);
    }

    private OurPeer of(WireGuardPeer peer) {
      OurPeer ours = peers.get(peer.config().publicKey());
      if (ours == null) {
        throw new IllegalStateException("an event of a peer that was never added: " + peer);
      }
      return ours;
    }
  }
}
