package dev.tailbridge.wireguard;

import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a {@link WireGuardEndpoint} is to be. */
public final class WireGuardEndpointBuilder {

  final PrivateKey privateKey;
  final EventLoopGroup loops;
  List<InetSocketAddress> listen = List.of(new InetSocketAddress("0.0.0.0", 0));
  boolean leaveOutMissingFamily;
  WireGuardListener listener = new WireGuardListener() {};
  SecureRandom random = new SecureRandom();
  @Nullable CryptoProvider crypto;
  long timestampFloor;
  int pace = 1;
  boolean steered = true;
  int handshakeThreads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  WireGuardEndpointBuilder(PrivateKey privateKey, EventLoopGroup loops) {
    this.privateKey = privateKey;
    this.loops = loops;
  }

  /** Addresses to listen on, resolved; left out, all of IPv4 on a free port. */
  public WireGuardEndpointBuilder listen(List<InetSocketAddress> addresses) {
    if (addresses.isEmpty() || addresses.stream().anyMatch(InetSocketAddress::isUnresolved)) {
      throw new IllegalArgumentException("Give at least one listen address, and no names");
    }
    this.listen = List.copyOf(addresses);
    return this;
  }

  /**
   * Whether an address whose family (in practice IPv6) this host lacks is left out without an
   * error, as long as another one can be bound; {@link WireGuardEndpoint#localAddresses} tells.
   */
  public WireGuardEndpointBuilder leaveOutMissingFamily(boolean leaveOut) {
    this.leaveOutMissingFamily = leaveOut;
    return this;
  }

  /** Is called on the loop of the peer, or where none is known of the socket: thread-safe. */
  public WireGuardEndpointBuilder listener(WireGuardListener listener) {
    this.listener = listener;
    return this;
  }

  /** Must not block; {@code new SecureRandom()} does not on Linux. */
  public WireGuardEndpointBuilder random(SecureRandom random) {
    this.random = random;
    return this;
  }

  /** Who seals packets and does X25519; left out, what {@link CryptoProviders#auto} says. */
  public WireGuardEndpointBuilder crypto(CryptoProvider crypto) {
    this.crypto = crypto;
    return this;
  }

  /** At most so many threads do handshake mathematics; half of the processors by default. */
  public WireGuardEndpointBuilder handshakeThreads(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("At least one handshake thread is needed: " + most);
    }
    this.handshakeThreads = most;
    return this;
  }

  /** What {@link WireGuardEndpoint#timestampFloor} said before the last stop. */
  public WireGuardEndpointBuilder timestampFloor(long unixNanos) {
    this.timestampFloor = unixNanos;
    return this;
  }

  /** For tests: lets the time of the protocol run so many times as fast. */
  WireGuardEndpointBuilder pace(int times) {
    this.pace = times;
    return this;
  }

  /** For tests: as on a host whose kernel refuses to bring datagrams to the right loop. */
  WireGuardEndpointBuilder unsteered() {
    this.steered = false;
    return this;
  }

  public WireGuardEndpoint build() {
    return new WireGuardEndpoint(this);
  }
}
