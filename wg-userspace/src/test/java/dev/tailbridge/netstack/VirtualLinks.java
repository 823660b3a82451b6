package dev.tailbridge.netstack;

import dev.tailbridge.ip.TestPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Two packet links, each the other's far end, on one event loop in virtual time. What is flushed
 * arrives as one batch after the delay.
 */
public final class VirtualLinks implements AutoCloseable {

  /** One of the two. */
  public final class Link implements PacketLink {

    private final List<ByteBuf> queued = new ArrayList<>();

    /** Copies of everything that was sent, in order, with the flushes as empty ones. */
    private final List<byte[]> sent = new ArrayList<>();

    private @Nullable PacketReceiver receiver;
    private Predicate<byte[]> lost = packet -> false;

    @Override
    public EventLoop eventLoop() {
      return time.eventLoop();
    }

    @Override
    public int mtu() {
      return 1420;
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
        byte[] bytes = ByteBufUtil.getBytes(packet);
        sent.add(bytes);
        if (lost.test(bytes)) {
          packet.release();
        } else {
          batch.add(packet);
        }
      }
      sent.add(new byte[0]);
      queued.clear();
      eventLoop().schedule(() -> far.deliver(batch), delayNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void receiver(PacketReceiver to) {
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

    /** As if the far end had sent these. */
    public void receive(byte[]... packets) {
      List<ByteBuf> batch = new ArrayList<>();
      for (byte[] packet : packets) {
        batch.add(TestPacket.buffer(PooledByteBufAllocator.DEFAULT, packet));
      }
      deliver(batch);
      settle();
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

  private final EmbeddedChannel time = new EmbeddedChannel();
  private final long delayNanos;
  private long nowNanos;
  public final Link left = new Link();
  public final Link right = new Link();

  /** Links on which a packet takes this long. */
  public VirtualLinks(Duration delay) {
    delayNanos = delay.toNanos();
    time.freezeTime();
  }

  /** Settings with the time of these links. */
  public StackConfig.Builder clocked(StackConfig.Builder config) {
    return config.clock(() -> nowNanos);
  }

  public EventLoop eventLoop() {
    return time.eventLoop();
  }

  public long nowNanos() {
    return nowNanos;
  }

  /** Nanoseconds until something is due; negative when nothing is. */
  public long nextTaskAfter() {
    settle();
    return time.runScheduledPendingTasks();
  }

  /** Does everything that can be done without time passing. */
  public void settle() {
    do {
      time.runPendingTasks();
    } while (time.runScheduledPendingTasks() == 0);
  }

  /** Lets time pass, with everything that falls due on the way. */
  public void advance(Duration by) {
    advanceUntil(() -> false, by);
  }

  /**
   * Lets time pass until something is so, with a bound.
   *
   * @return whether it came to be
   */
  public boolean advanceUntil(BooleanSupplier condition, Duration atMost) {
    long end = nowNanos + atMost.toNanos();
    while (true) {
      settle();
      if (condition.getAsBoolean()) {
        return true;
      }
      long next = time.runScheduledPendingTasks();
      long step = next < 0 ? end - nowNanos : Math.min(next, end - nowNanos);
      nowNanos += step;
      time.advanceTimeBy(step, TimeUnit.NANOSECONDS);
      if (nowNanos == end) {
        settle();
        return condition.getAsBoolean();
      }
    }
  }

  @Override
  public void close() {
    time.finishAndReleaseAll();
  }
}
