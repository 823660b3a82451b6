package dev.tailbridge.wireguard.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lookups of many threads while the table changes. */
class AllowedIpsThreadsTest {

  private static final int READERS = 3;
  private static final int CHANGES = 10_000;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AllowedIps<String> trie = new AllowedIps<>();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private static IpPrefix prefix(String text) {
    return IpPrefix.parse(text);
  }

  private String owner(byte[] address) {
    return trie.lookup(address, 0, address.length);
  }

  /**
   * Moves two ranges between owners while neighbours, forks and longer prefixes come and go: until
   * every reader has seen a move, since a busy machine may let one of them wait.
   */
  private void churn(CountDownLatch movesToSee) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(50);
    for (int i = 0;
        i < CHANGES || (movesToSee.getCount() > 0 && System.nanoTime() < deadline);
        i++) {
      String owner = i % 2 == 0 ? "b" : "a";
      trie.insert(prefix("10.6.0.0/24"), owner);
      trie.insert(prefix("fd00::/64"), owner);
      String longer = "10.6.0." + (128 | (i & 63)) + "/32";
      trie.insert(prefix(longer), "passing");
      trie.insert(prefix("10.7.0.0/16"), "passing");
      trie.insert(prefix("fd00:0:0:0:8000::/65"), "passing");
      trie.removeAll("passing");
    }
  }

  @Test
  void aPrefixThatMovesIsNeverWithoutAnOwner() throws Exception {
    trie.insert(prefix("10.0.0.0/8"), "wide");
    trie.insert(prefix("10.6.0.0/24"), "a");
    trie.insert(prefix("fd00::/64"), "a");
    byte[] ipv4 = prefix("10.6.0.1/32").bits();
    byte[] ipv6 = prefix("fd00::1/128").bits();
    Set<String> owners = Set.of("a", "b");
    CountDownLatch running = new CountDownLatch(READERS);
    CountDownLatch movesToSee = new CountDownLatch(READERS);
    Callable<Boolean> churn =
        () -> {
          running.await();
          churn(movesToSee);
          return true;
        };
    Future<Boolean> writer = threads.submit(churn);
    List<Future<Integer>> readers = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      Callable<Integer> reader =
          () -> {
            running.countDown();
            int moves = 0;
            String last = "a";
            while (!writer.isDone()) {
              String now = owner(ipv4);
              assertThat(owners).contains(now);
              assertThat(owners).contains(owner(ipv6));
              if (!now.equals(last) && moves++ == 0) {
                movesToSee.countDown();
              }
              last = now;
            }
            return moves;
          };
      readers.add(threads.submit(reader));
    }
    writer.get(60, TimeUnit.SECONDS);
    for (Future<Integer> reader : readers) {
      // It did see the table change; otherwise this test would show nothing.
      assertThat(reader.get(60, TimeUnit.SECONDS)).isPositive();
    }
  }

  @Test
  void changesOfSeveralThreadsAreAllKept() throws Exception {
    List<Future<Boolean>> writers = new ArrayList<>();
    for (int thread = 0; thread < READERS; thread++) {
      int second = thread;
      Callable<Boolean> writer =
          () -> {
            for (int i = 0; i < 1000; i++) {
              trie.insert(prefix("10." + second + "." + i / 256 + "." + i % 256), "t" + second);
            }
            return true;
          };
      writers.add(threads.submit(writer));
    }
    for (Future<Boolean> writer : writers) {
      writer.get(60, TimeUnit.SECONDS);
    }
    for (int thread = 0; thread < READERS; thread++) {
      for (int i = 0; i < 1000; i++) {
        byte[] address = prefix("10." + thread + "." + i / 256 + "." + i % 256).bits();
        assertThat(owner(address)).isEqualTo("t" + thread);
      }
    }
  }

  @Test
  void aLookupAllocatesNothing() {
    for (int i = 0; i < 200; i++) {
      trie.insert(prefix("10.6." + i + ".0/24"), "a");
      trie.insert(prefix("fd00:" + i + "::/32"), "b");
    }
    byte[] ipv4 = prefix("10.6.77.1/32").bits();
    byte[] ipv6 = prefix("fd00:77::1/128").bits();
    ThreadMXBean threadBean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int found = 0;
    long before = threadBean.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 20_000; i++) {
      found += owner(ipv4) != null && owner(ipv6) != null ? 1 : 0;
    }
    long allocated = threadBean.getCurrentThreadAllocatedBytes() - before;
    assertThat(found).isEqualTo(20_000);
    // A few bytes for what the JVM does besides; one object per lookup would be 640 kB.
    assertThat(allocated).isLessThan(16_384);
  }
}
