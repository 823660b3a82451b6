package dev.tailbridge.wireguard;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of one event loop, numbered by the address that they listen on: the same number means
 * the same address on every loop. Loop-confined.
 */
final class UdpSockets {

  private final List<UdpSocket> sockets = new ArrayList<>();

  void add(UdpSocket socket) {
    sockets.add(socket);
  }

  /**
   * Queues a datagram.
   *
   * @param number the socket that heard the peer, or a negative number for any
   * @return why it was not queued; null when it was
   */
  @Nullable DropReason transmit(
      byte[] datagram, int length, InetSocketAddress destination, int number) {
    UdpSocket socket = find(destination, number);
    if (socket == null) {
      return DropReason.NO_SOCKET;
    }
    return socket.write(datagram, length, destination) ? null : DropReason.SEND_QUEUE_FULL;
  }

  private @Nullable UdpSocket find(InetSocketAddress destination, int number) {
    if (number >= 0) {
      // None while they are being closed.
      return number < sockets.size() ? sockets.get(number) : null;
    }
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

  Future<Void> close(EventLoop loop) {
    Promise<Void> promise = loop.newPromise();
    PromiseCombiner all = new PromiseCombiner(loop);
    for (UdpSocket socket : sockets) {
      all.add((Future<?>) socket.close());
    }
    sockets.clear();
    all.finish(promise);
    return promise;
  }
}
