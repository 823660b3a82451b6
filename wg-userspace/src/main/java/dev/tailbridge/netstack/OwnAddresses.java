package dev.tailbridge.netstack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Our addresses; none for a stack that stands for any. */
final class OwnAddresses {

  private final IpAddress[] own;

  OwnAddresses(List<InetAddress> addresses) {
    this.own = addresses.stream().map(IpAddress::of).toArray(IpAddress[]::new);
  }

  boolean standForAny() {
    return own.length == 0;
  }

  boolean contain(long high, long low) {
    for (IpAddress address : own) {
      if (address.is(high, low)) {
        return true;
      }
    }
    return own.length == 0;
  }

  /**
   * The name of a call to a peer.
   *
   * @param local null, or an unspecified address, for the first of ours in the peer's family
   * @throws IllegalStateException when we have none
   */
  FourTuple tuple(InetSocketAddress remote, @Nullable InetSocketAddress local) {
    if (local == null) {
      return FourTuple.of(like(remote), 0, remote);
    }
    InetAddress from = local.getAddress();
    IpAddress ours = from.isAnyLocalAddress() ? like(remote) : IpAddress.of(from);
    return FourTuple.of(ours, local.getPort(), remote);
  }

  private IpAddress like(InetSocketAddress remote) {
    boolean ipv4 = IpAddress.of(remote.getAddress()).isIpv4();
    for (IpAddress address : own) {
      if (address.isIpv4() == ipv4) {
        return address;
      }
    }
    throw new IllegalStateException("no address of ours can call " + remote);
  }
}
