package dev.tailbridge.netstack;

import static dev.tailbridge.netstack.OurSide.until;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A UDP port of a stack of ours. It answers what was not asked for with its beginning, keeps the
 * answers to its own questions, and counts refusals.
 */
final class OurUdp implements UdpListener {

  static final int LONGEST_ANSWER = 1000;

  private final Stack stack;
  private final InetAddress own;
  private final UdpEndpoint endpoint;
  private final Queue<byte[]> answers = new ConcurrentLinkedQueue<>();
  private final AtomicInteger refusals = new AtomicInteger();
  private volatile boolean asking;

  OurUdp(Stack stack, InetAddress own, int port) throws Exception {
    this.stack = stack;
    this.own = own;
    this.endpoint = stack.eventLoop().submit(() -> stack.bindUdp(port, this)).get();
  }

  @Override
  public void datagram(ByteBuf data, InetSocketAddress local, InetSocketAddress remote) {
    if (asking) {
      answers.add(ByteBufUtil.getBytes(data));
      data.release();
      return;
    }
    data.writerIndex(data.readerIndex() + Math.min(data.readableBytes(), LONGEST_ANSWER));
    endpoint.send(data, local.getAddress(), remote);
  }

  @Override
  public void unreachable(InetSocketAddress local, InetSocketAddress remote) {
    refusals.incrementAndGet();
  }

  int mostTo(InetAddress host) {
    return endpoint.maxData(host);
  }

  int refusals() {
    return refusals.get();
  }

  void send(InetAddress host, int port, byte[] bytes) {
    stack
        .eventLoop()
        .execute(
            () ->
                endpoint.send(
                    Unpooled.copiedBuffer(bytes), own, new InetSocketAddress(host, port)));
  }

  /** Sends a datagram and returns the one that comes back. */
  byte[] ask(InetAddress host, int port, byte[] bytes) {
    asking = true;
    send(host, port, bytes);
    until(() -> !answers.isEmpty());
    asking = false;
    return answers.remove();
  }
}
