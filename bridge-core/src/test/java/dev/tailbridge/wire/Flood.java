package dev.tailbridge.wire;

import dev.tailbridge.wireguard.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.bouncycastle.crypto.digests.Blake2sDigest;

/**
 * A sender of handshake messages that nobody wants: from several addresses of loopback, in four
 * bursts a second, until it is closed, and for forty seconds at most.
 */
final class Flood implements AutoCloseable {

  private static final int INITIATION_BYTES = 148;
  private static final int MAC1 = 116;
  private static final int MAC_BYTES = 16;
  private static final int BURSTS_PER_SECOND = 4;
  private static final int MOST_BURSTS = 40 * BURSTS_PER_SECOND;

  private final List<DatagramChannel> sources = new ArrayList<>();
  private final AtomicLong sent = new AtomicLong();
  private final Thread thread;
  private volatile boolean ending;

  /**
   * @param datagram makes what is sent next; called on one thread
   */
  Flood(InetSocketAddress target, int perSecond, Supplier<byte[]> datagram) {
    try {
      for (int i = 0; i < 8; i++) {
        DatagramChannel source = DatagramChannel.open();
        sources.add(source);
        source.bind(new InetSocketAddress("127.9.0." + (i + 1), 0));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread = new Thread(() -> run(target, perSecond, datagram), "flood");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(InetSocketAddress target, int perSecond, Supplier<byte[]> datagram) {
    int burst = perSecond / BURSTS_PER_SECOND;
    try {
      for (int i = 0; i < MOST_BURSTS && !ending; i++) {
        for (int j = 0; j < burst; j++) {
          DatagramChannel source = sources.get(j % sources.size());
          source.send(ByteBuffer.wrap(datagram.get()), target);
          sent.incrementAndGet();
        }
        LockSupport.parkNanos(1_000_000_000L / BURSTS_PER_SECOND);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many were sent so far. */
  long sent() {
    return sent.get();
  }

  /** Initiations by their length, and nothing right in them. */
  static Supplier<byte[]> junk() {
    SplittableRandom random = new SplittableRandom();
    return () -> initiation(random);
  }

  /** Junk by somebody who knows our public key: the first mac is right. */
  static Supplier<byte[]> validMac1(PublicKey ours) {
    SplittableRandom random = new SplittableRandom();
    byte[] key = new byte[32];
    Blake2sDigest hash = new Blake2sDigest(256);
    byte[] label = "mac1----".getBytes(StandardCharsets.US_ASCII);
    hash.update(label, 0, label.length);
    hash.update(ours.bytes(), 0, key.length);
    hash.doFinal(key, 0);
    Blake2sDigest mac = new Blake2sDigest(key, MAC_BYTES, null, null);
    return () -> {
      byte[] initiation = initiation(random);
      mac.update(initiation, 0, MAC1);
      mac.doFinal(initiation, MAC1);
      return initiation;
    };
  }

  private static byte[] initiation(SplittableRandom random) {
    byte[] initiation = new byte[INITIATION_BYTES];
    ByteBuffer words = ByteBuffer.wrap(initiation, 4, MAC1 + MAC_BYTES - 4);
    while (words.hasRemaining()) {
      words.putInt(random.nextInt());
    }
    initiation[0] = Relay.INITIATION;
    return initiation;
  }

  @Override
  public void close() {
    ending = true;
    try {
      thread.join();
      for (DatagramChannel source : sources) {
        source.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
