package dev.tailbridge.wireguard;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All sockets of an endpoint, numbered in the order in which they were bound. Loop-confined but for
 * {@link #localAddresses}.
 */
final class UdpSockets {

  /** Linux errors that say "this host has no IPv6" (or, unlikely, no IPv4). */
  private static final int EAFNOSUPPORT = -97;

  private static final int EADDRNOTAVAIL = -99;

  private final WireGuardEndpoint endpoint;
  private final EventLoop loop;
  private final List<UdpSocket> sockets = new ArrayList<>();
  private volatile List<InetSocketAddress> localAddresses = List.of();

  UdpSockets(WireGuardEndpoint endpoint, EventLoop loop) {
    this.endpoint = endpoint;
    this.loop = loop;
  }

  /** Binds one after the other; the first failure closes those before it. */
  void bind(List<InetSocketAddress> listen, boolean leaveOutMissingFamily, Promise<Void> promise) {
    bindNext(listen.iterator(), leaveOutMissingFamily, promise, null);
  }

  private void bindNext(
      Iterator<InetSocketAddress> rest,
      boolean leaveOutMissingFamily,
      Promise<Void> promise,
      @Nullable ListenException leftOut) {
    if (!rest.hasNext()) {
      if (sockets.isEmpty() && leftOut != null) {
        promise.setFailure(leftOut);
      } else {
        promise.setSuccess(null);
      }
      return;
    }
    InetSocketAddress address = rest.next();
    ChannelFuture bound = UdpSocket.bind(loop, address);
    bound.addListener(
        future -> {
          if (future.isSuccess()) {
            attach(bound.channel());
            bindNext(rest, leaveOutMissingFamily, promise, leftOut);
            return;
          }
          ListenException failure = new ListenException(address, future.cause());
          if (leaveOutMissingFamily && isFamilyMissing(address, future.cause())) {
            bindNext(rest, true, promise, failure);
          } else {
            close().addListener(closed -> promise.setFailure(failure));
          }
        });
  }

  private void attach(Channel channel) {
    sockets.add(UdpSocket.attach(endpoint, sockets.size(), channel));
    localAddresses = sockets.stream().map(UdpSocket::localAddress).toList();
  }

  private static boolean isFamilyMissing(InetSocketAddress address, Throwable cause) {
    if (cause instanceof UnsupportedOperationException) {
      return true;
    }
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof NativeIoException e) {
        return e.expectedErr() == EAFNOSUPPORT
            || (e.expectedErr() == EADDRNOTAVAIL
                && address.getAddress() instanceof Inet6Address
                && address.getAddress().isAnyLocalAddress());
      }
    }
    return false;
  }

  /** From any thread. */
  List<InetSocketAddress> localAddresses() {
    return localAddresses;
  }

  /**
   * Queues a datagram.
   *
   * @param number the socket that heard the peer, or a negative number for any
   * @return why it was not queued; null when it was
   */
  @Nullable DropReason transmit(
      byte[] datagram, int length, InetSocketAddress destination, int number) {
    UdpSocket socket = number >= 0 ? sockets.get(number) : anyTo(destination);
    if (socket == null) {
      return DropReason.NO_SOCKET;
    }
    return socket.write(datagram, length, destination) ? null : DropReason.SEND_QUEUE_FULL;
  }

  private @Nullable UdpSocket anyTo(InetSocketAddress destination) {
    for (UdpSocket socket : sockets) {
      if (socket.reaches(destination)) {
        return socket;
      }
    }
    return null;
  }

  void flush() {
    for (int i = 0; i < sockets.size(); i++) {
      sockets.get(i).flush();
    }
  }

  Future<Void> close() {
    Promise<Void> promise = loop.newPromise();
    PromiseCombiner all = new PromiseCombiner(loop);
    for (UdpSocket socket : sockets) {
      all.add((Future<?>) socket.close());
    }
    sockets.clear();
    localAddresses = List.of();
    all.finish(promise);
    return promise;
  }
}
