package dev.tailbridge.benchmarks.rival;

import dev.tailbridge.benchmarks.InnerPackets;
import dev.tailbridge.wireguard.WireGuardPeer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Equal packets to one peer for a time, at an even rate or as fast as it goes. A batch is written
 * and flushed as one task of the loop, as a TCP stack would.
 */
final class PacketSource {

  private static final int BATCH = 64;
  private static final long SECOND = 1_000_000_000L;

  /** No more than this is made up for after a pause, in nanoseconds. */
  private static final long MOST_LATE = SECOND / 20;

  private final InnerSide inside;
  private final WireGuardPeer peer;
  private final ByteBuf packet;
  private final int rate;
  private final long spanNanos;
  private final CountDownLatch done = new CountDownLatch(1);
  private long begunNanos;
  private long paceNanos;
  private long paced;
  private volatile long sent;
  private volatile long tookNanos;

  /**
   * @param size bytes of the whole packet
   * @param rate packets a second; 0 for as many as possible
   */
  PacketSource(InnerSide inside, String destination, int size, int rate, Duration span) {
    this.inside = inside;
    this.peer = inside.peer();
    this.rate = rate;
    this.spanNanos = span.toNanos();
    byte[] bytes = InnerPackets.ipv4(InnerPackets.SERVER, address(destination), size);
    // From the echo port to the discard port.
    ByteBuffer.wrap(bytes).putShort(20, (short) 7).putShort(22, (short) 9);
    packet = PooledByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(bytes);
  }

  private static int address(String text) {
    try {
      return ByteBuffer.wrap(InetAddress.getByName(text).getAddress()).getInt();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Returns when the time is over. */
  void run() throws InterruptedException {
    peer.eventLoop().execute(this::begin);
    done.await();
    packet.release();
  }

  private void begin() {
    begunNanos = System.nanoTime();
    paceNanos = begunNanos;
    batch();
  }

  private void batch() {
    long now = System.nanoTime();
    if (now - begunNanos >= spanNanos) {
      tookNanos = now - begunNanos;
      done.countDown();
      return;
    }
    int due = due(now);
    for (int i = 0; i < due; i++) {
      inside.write(copy());
    }
    peer.flush();
    sent += due;
    if (due > 0) {
      peer.eventLoop().execute(this::batch);
    } else {
      var unused = peer.eventLoop().schedule(this::batch, 500, TimeUnit.MICROSECONDS);
    }
  }

  private ByteBuf copy() {
    return PooledByteBufAllocator.DEFAULT
        .directBuffer(packet.readableBytes())
        .writeBytes(packet, packet.readerIndex(), packet.readableBytes());
  }

  private int due(long now) {
    if (rate == 0) {
      return BATCH;
    }
    if (now - paceNanos - paced * SECOND / rate > MOST_LATE) {
      paceNanos = now - MOST_LATE;
      paced = 0;
    }
    long due = (now - paceNanos) * rate / SECOND - paced;
    int some = (int) Math.min(BATCH, Math.max(0, due));
    paced += some;
    return some;
  }

  long sent() {
    return sent;
  }

  double seconds() {
    return tookNanos / 1e9;
  }
}
