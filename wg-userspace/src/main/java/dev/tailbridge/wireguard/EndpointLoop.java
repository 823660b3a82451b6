package dev.tailbridge.wireguard;

import dev.tailbridge.wireguard.protocol.CoreOutput;
import dev.tailbridge.wireguard.protocol.InterfaceState;
import dev.tailbridge.wireguard.protocol.Peer;
import dev.tailbridge.wireguard.protocol.Scratch;
import dev.tailbridge.wireguard.protocol.WireGuardCore;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's part of an endpoint: its sockets, and the peers that are pinned to it.
 *
 * <p>Confined to its loop but for {@link #run(Runnable)} and the questions that say so.
 */
final class EndpointLoop {

  private final WireGuardEndpoint endpoint;
  private final EventLoop loop;
  private final WireGuardCore core;
  private final UdpSockets sockets = new UdpSockets();
  private final EnumCounters<DropReason> drops = new EnumCounters<>(DropReason.class);
  private final LoopInbox inbox;
  private final Scratch incoming = new Scratch();
  private final Scratch outgoing = new Scratch();

  /** Peers that something happened to since {@link #settle}. */
  private final List<WireGuardPeer> touched = new ArrayList<>();

  /** Above zero while the core is at work: no peer may vanish under it. */
  private int depth;

  private final boolean segmentation;

  /**
   * @param segmentation whether the kernel may be given many datagrams in one piece
   */
  EndpointLoop(
      WireGuardEndpoint endpoint,
      EventLoop loop,
      InterfaceState shared,
      int number,
      boolean segmentation) {
    this.endpoint = endpoint;
    this.loop = loop;
    this.segmentation = segmentation;
    this.core = new WireGuardCore(shared, number, new Output());
    this.inbox = new LoopInbox(loop, this::runAndSettle);
  }

  /** From any thread. */
  EventLoop eventLoop() {
    return loop;
  }

  /** From any thread. */
  WireGuardCore core() {
    return core;
  }

  boolean segmentation() {
    return segmentation;
  }

  UdpSockets sockets() {
    return sockets;
  }

  /** From any thread. */
  EnumCounters<DropReason> drops() {
    return drops;
  }

  ByteBufAllocator allocator() {
    return PooledByteBufAllocator.DEFAULT;
  }

  /**
   * Runs something that changes what peers there are: now when this is the loop and the core is not
   * at work, else as a task of the loop. From any thread.
   */
  void run(Runnable change) {
    if (loop.inEventLoop() && depth == 0) {
      change.run();
    } else {
      loop.execute(change);
    }
  }

  void send(WireGuardPeer peer, ByteBuf packet) {
    checkLoop();
    int length = packet.readableBytes();
    if (length > WireGuardCore.MTU) {
      packet.release();
      drop(peer, DropReason.PACKET_TOO_BIG);
      return;
    }
    byte[] bytes = outgoing.room(length);
    packet.readBytes(bytes, 0, length);
    packet.release();
    long now = enter();
    try {
      peer.send(bytes, length, now);
    } finally {
      leave();
    }
  }

  /** Whom a packet is for; null when nobody. The packet stays the caller's. */
  @Nullable Peer route(ByteBuf packet) {
    checkLoop();
    int length = Math.min(packet.readableBytes(), WireGuardCore.MAX_DATAGRAM_BYTES);
    byte[] bytes = outgoing.room(length);
    packet.getBytes(packet.readerIndex(), bytes, 0, length);
    return core.route(bytes, length);
  }

  @Nullable DropReason transmit(
      byte[] datagram, int length, InetSocketAddress destination, int socket) {
    return sockets.transmit(datagram, length, destination, socket);
  }

  void flush() {
    sockets.flush();
  }

  void receive(ByteBuf datagram, InetSocketAddress source, int socket) {
    int length = Math.min(datagram.readableBytes(), WireGuardCore.MAX_DATAGRAM_BYTES);
    byte[] bytes = incoming.room(length);
    datagram.readBytes(bytes, 0, length);
    long now = enter();
    try {
      core.receive(bytes, length, source, socket, now);
    } finally {
      leave();
    }
  }

  /** One read of a socket is done. */
  void readComplete() {
    runAndSettle(now -> {});
  }

  /** Does something with the core, at the time of now; then all is told and sent. */
  void runAndSettle(LongConsumer work) {
    long now = enter();
    try {
      work.accept(now);
      settle(now);
    } finally {
      leave();
    }
    sockets.flush();
  }

  /** Everybody who got something hears that this is all for now. */
  private void settle(long now) {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).settle(now);
    }
    touched.clear();
  }

  void touched(WireGuardPeer peer) {
    touched.add(peer);
  }

  /** Begins work with the core, to be ended by {@link #leave}; returns the time of now. */
  private long enter() {
    checkLoop();
    depth++;
    return endpoint.nowNanos();
  }

  private void leave() {
    depth--;
  }

  void drop(@Nullable WireGuardPeer peer, DropReason reason) {
    drops.count(reason);
    if (peer != null) {
      peer.countDrop(reason);
    }
    endpoint.tell(to -> to.dropped(peer, reason));
  }

  WireGuardEndpoint endpoint() {
    return endpoint;
  }

  private void checkLoop() {
    if (!loop.inEventLoop()) {
      throw new IllegalStateException("Call this on the peer's event loop: loop.execute(() -> …)");
    }
  }

  private final class Output implements CoreOutput {
    @Override
    public void resume(LongConsumer work) {
      inbox.add(work);
    }

    @Override
    public void datagram(byte[] datagram, int length, InetSocketAddress destination, int socket) {
      DropReason refused = transmit(datagram, length, destination, socket);
      if (refused != null) {
        dropped(refused);
      }
    }

    @Override
    public void dropped(DropReason reason) {
      drop(null, reason);
    }

    @Override
    public void unknownKey(PublicKey key, InetSocketAddress source) {
      endpoint.tell(to -> to.unknownKey(key, source));
    }

    @Override
    public void wrongMac1(InetSocketAddress source) {
      endpoint.tell(to -> to.wrongMac1(source));
    }

    @Override
    public void cookieMode(boolean on) {
      endpoint.tell(to -> to.cookieMode(on));
    }
  }
}
