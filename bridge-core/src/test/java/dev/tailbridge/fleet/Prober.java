package dev.tailbridge.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.LabClient;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Fetches the devices' pages from the laptop all the time, one after the other, and counts. */
final class Prober implements AutoCloseable {

  /** So few in one question that it is answered in time even when no device is. */
  private static final int AT_ONCE = 15;

  private static final long LIMIT_MILLIS = 600_000;

  private final LabClient laptop;
  private final Thread thread = new Thread(this::call, "prober");

  // Guarded by this.
  private List<String> targets = List.of();
  private Calls calls = Calls.NONE;
  private @Nullable RuntimeException broken;
  private boolean closed;

  Prober(LabClient laptop) {
    this.laptop = laptop;
    thread.setDaemon(true);
    thread.start();
  }

  /** Calls these and nobody else, and counts anew. */
  synchronized void over(Collection<String> addresses) {
    targets = List.copyOf(addresses);
    calls = Calls.NONE;
    notifyAll();
  }

  /** How often each was called since {@link #over}. */
  synchronized int rounds() {
    return calls.made() / targets.size();
  }

  /** Waits until each was called so often since {@link #over}; returns what came of it. */
  synchronized Calls await(int rounds) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT_MILLIS * 1_000_000;
    while (broken == null && calls.made() < rounds * targets.size()) {
      assertThat(System.nanoTime()).as(calls.toString()).isLessThan(deadline);
      wait(LIMIT_MILLIS);
    }
    if (broken != null) {
      throw broken;
    }
    return calls;
  }

  private void call() {
    try {
      List<String> before = List.of();
      int next = 0;
      while (true) {
        List<String> now = awaitTargets();
        if (now.isEmpty()) {
          return;
        }
        next = now == before && next < now.size() ? next : 0;
        before = now;
        List<String> some = now.subList(next, Math.min(next + AT_ONCE, now.size()));
        next += AT_ONCE;
        count(now, laptop.ask("sweep pause=0.02 " + urls(some)));
      }
    } catch (RuntimeException e) {
      synchronized (this) {
        broken = e;
        notifyAll();
      }
    }
  }

  private static String urls(List<String> addresses) {
    return addresses.stream().map(ip -> "http://" + ip + "/").collect(Collectors.joining(" "));
  }

  /** Empty when there is nothing to do any more. */
  private synchronized List<String> awaitTargets() {
    try {
      while (targets.isEmpty() && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      return List.of();
    }
    return closed ? List.of() : targets;
  }

  private synchronized void count(List<String> asked, JsonObject swept) {
    if (asked == targets) {
      calls = calls.and(swept);
      notifyAll();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
