package dev.tailbridge.wireguard;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.Promise;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the sockets of an endpoint: for each address one on every event loop, as a SO_REUSEPORT
 * group in the order of the loops.
 *
 * <p>The first of a group is bound without SO_REUSEPORT, which it is given afterwards. So an
 * address that is in use, by a group of ours in another process too, is refused as ever; without
 * this two processes of a user would share a port and lose half of their datagrams each.
 */
final class SocketBinder {

  private static final Logger log = LoggerFactory.getLogger(SocketBinder.class);

  /** Linux errors that say "this host has no IPv6" (or, unlikely, no IPv4). */
  private static final int EAFNOSUPPORT = -97;

  private static final int EADDRNOTAVAIL = -99;

  private final List<EndpointLoop> loops;
  private final boolean leaveOutMissingFamily;
  private final boolean steered;
  private final Queue<InetSocketAddress> rest;
  private final Promise<List<InetSocketAddress>> promise;
  private final List<List<Channel>> groups = new ArrayList<>();
  private @Nullable ListenException leftOut;

  private SocketBinder(
      List<EndpointLoop> loops,
      List<InetSocketAddress> listen,
      boolean leaveOutMissingFamily,
      boolean steered,
      Promise<List<InetSocketAddress>> promise) {
    this.loops = loops;
    this.leaveOutMissingFamily = leaveOutMissingFamily;
    this.steered = steered;
    this.rest = new ArrayDeque<>(listen);
    this.promise = promise;
  }

  /**
   * Opens all, or none.
   *
   * @param steered whether the kernel is asked to bring datagrams to the right loop
   * @param promise gets the addresses, with real ports
   */
  static void bind(
      List<EndpointLoop> loops,
      List<InetSocketAddress> listen,
      boolean leaveOutMissingFamily,
      boolean steered,
      Promise<List<InetSocketAddress>> promise) {
    new SocketBinder(loops, listen, leaveOutMissingFamily, steered, promise).bindNext();
  }

  private void bindNext() {
    InetSocketAddress address = rest.poll();
    if (address == null) {
      finish();
      return;
    }
    ChannelFuture bound = UdpSocket.bind(loops.get(0).eventLoop(), address, false);
    bound.addListener(
        future -> {
          if (future.isSuccess()) {
            List<Channel> group = new ArrayList<>();
            groups.add(group);
            group.add(bound.channel());
            bindRestOfGroup(group);
          } else {
            failed(address, future.cause());
          }
        });
  }

  private void bindRestOfGroup(List<Channel> group) {
    Channel first = group.get(0);
    if (group.size() == loops.size()) {
      if (group.size() > 1 && steered && !ReuseportFilter.attach(first, group.size())) {
        log.info(
            "The kernel refuses a filter on {}; datagrams are handed over between event loops",
            first.localAddress());
      }
      bindNext();
      return;
    }
    if (group.size() == 1) {
      first.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
    }
    InetSocketAddress address = (InetSocketAddress) first.localAddress();
    ChannelFuture bound = UdpSocket.bind(loops.get(group.size()).eventLoop(), address, true);
    bound.addListener(
        future -> {
          if (future.isSuccess()) {
            group.add(bound.channel());
            bindRestOfGroup(group);
          } else {
            failed(address, future.cause());
          }
        });
  }

  private void failed(InetSocketAddress address, Throwable cause) {
    ListenException failure = new ListenException(address, cause);
    if (leaveOutMissingFamily && isFamilyMissing(address, cause)) {
      leftOut = failure;
      bindNext();
    } else {
      fail(failure);
    }
  }

  private void fail(ListenException failure) {
    // Closed before the failure is known, so that whoever hears of it may try again at once.
    List<Channel> open = groups.stream().flatMap(List::stream).toList();
    AtomicInteger left = new AtomicInteger(open.size());
    if (open.isEmpty()) {
      promise.setFailure(failure);
    }
    for (Channel channel : open) {
      channel
          .close()
          .addListener(
              done -> {
                if (left.decrementAndGet() == 0) {
                  promise.setFailure(failure);
                }
              });
    }
  }

  private void finish() {
    if (groups.isEmpty() && leftOut != null) {
      fail(leftOut);
      return;
    }
    for (int i = 0; i < groups.size(); i++) {
      for (int j = 0; j < loops.size(); j++) {
        attach(loops.get(j), i, groups.get(i).get(j));
      }
    }
    promise.setSuccess(
        groups.stream().map(group -> (InetSocketAddress) group.get(0).localAddress()).toList());
  }

  private static void attach(EndpointLoop loop, int number, Channel channel) {
    loop.run(
        () -> loop.sockets().add(UdpSocket.attach(loop, number, channel, loop.segmentation())));
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
}
