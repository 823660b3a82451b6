package dev.tailbridge.netstack;

import dev.tailbridge.ip.TestPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Two packet links, each the other's far end, on one event loop. What is flushed arrives as one
 * batch after the delay.
 */
public final class LinkPair {

  public final Link left = new Link();
  public final Link right = new Link();
  private final EventLoop loop;
  private final long delayNanos;
  private boolean recording;

  /** Links on which a packet takes this long. */
  public LinkPair(EventLoop loop, Duration delay) {
    this.loop = loop;
    this.delayNanos = delay.toNanos();
  }

  /** Keeps copies of what is sent from now on, for {@link Link#takeSent}. */
  public LinkPair recording() {
    recording = true;
    return this;
  }

  /** One of the two. */
  public final class Link implements PacketLink {

    private final List<ByteBuf> queued = new ArrayList<>();

    /** Copies of everything that was sent, in order, with the flushes as empty ones. */
    private final List<byte[]> sent = new ArrayList<>();

    private @Nullable PacketReceiver receiver;
    private @Nullable Predicate<byte[]> lost;
    private int room = Integer.MAX_VALUE;

    @Override
    public EventLoop eventLoop() {
      return loop;
    }

    @Override
    public int mtu() {
      return 1420;
    }

    /** Is not writable while so many packets, or more, wait for {@link #flush}. */
    public void room(int packets) {
      room = packets;
      PacketReceiver to = receiver;
      if (to != null) {
        to.writabilityChanged();
      }
    }

    @Override
    public boolean isWritable() {
      return queued.size() < room;
    }

    @Override
    public void write(ByteBuf packet) {
      queued.add(packet);
    }

    @Override
    public void flush() {
      if (queued.isEmpty()) {
        return;
      }
      Link far = this == left ? right : left;
      List<ByteBuf> batch = new ArrayList<>();
      for (ByteBuf packet : queued) {
        if (recording) {
          sent.add(ByteBufUtil.getBytes(packet));
        }
        if (lost != null && lost.test(ByteBufUtil.getBytes(packet))) {
          packet.release();
        } else {
          batch.add(packet);
        }
      }
      if (recording) {
        sent.add(new byte[0]);
      }
      queued.clear();
      if (delayNanos == 0) {
        loop.execute(() -> far.deliver(batch));
      } else {
        loop.schedule(() -> far.deliver(batch), delayNanos, TimeUnit.NANOSECONDS);
      }
    }

    @Override
    public void receiver(@Nullable PacketReceiver to) {
      receiver = to;
    }

    private void deliver(List<ByteBuf> batch) {
      PacketReceiver to = receiver;
      if (to == null) {
        batch.forEach(ByteBuf::release);
        return;
      }
      batch.forEach(to::packet);
      to.batchComplete();
    }

    /** As if the far end had sent these: on the event loop. */
    public void receive(byte[]... packets) {
      List<ByteBuf> batch = new ArrayList<>();
      for (byte[] packet : packets) {
        batch.add(TestPacket.buffer(PooledByteBufAllocator.DEFAULT, packet));
      }
      deliver(batch);
    }

    /** Which of the packets that are sent from now on get lost. */
    public void lose(Predicate<byte[]> which) {
      lost = which;
    }

    /** The packets that were sent since the last call. */
    public List<byte[]> takeSent() {
      List<byte[]> packets = new ArrayList<>();
      for (List<byte[]> burst : takeBursts()) {
        packets.addAll(burst);
      }
      return packets;
    }

    /** The same, with those together that left in one flush. */
    public List<List<byte[]>> takeBursts() {
      List<List<byte[]>> bursts = new ArrayList<>();
      List<byte[]> burst = new ArrayList<>();
      for (byte[] packet : sent) {
        if (packet.length > 0) {
          burst.add(packet);
        } else {
          bursts.add(burst);
          burst = new ArrayList<>();
        }
      }
      sent.clear();
      return bursts;
    }
  }
}
