package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.LoopView;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The event loops that carry all packets, and how other threads ask them: with a bound.
 *
 * <p>Thread-safe; nothing here may be called on one of the loops, except {@link #first}.
 */
final class Loops implements AutoCloseable {

  private static final Duration BOUND = Duration.ofSeconds(2);
  private static final int MOST = 8;

  private final EventLoopGroup group;
  private final List<EventLoop> all = new ArrayList<>();
  private final Duration bound;

  /**
   * @param bound how long a loop may take to answer
   */
  Loops(int count, Duration bound) {
    this.group = new EpollEventLoopGroup(count);
    group.forEach(loop -> all.add((EventLoop) loop));
    this.bound = bound;
  }

  /** As many as suit this host. */
  static Loops start() {
    return new Loops(count(Runtime.getRuntime().availableProcessors()), BOUND);
  }

  /**
   * How many loops so many processors get: a power of two, because the low bits of a receiver index
   * name the loop; no more than there are processors, since a loop never waits; and no more than
   * {@value #MOST}, which carry some 10 Gbit/s and leave a large host to Go, which does as much
   * work per packet.
   */
  static int count(int processors) {
    return Integer.highestOneBit(Math.min(processors, MOST));
  }

  EventLoopGroup group() {
    return group;
  }

  /** All of them, in an order that stays. */
  List<EventLoop> all() {
    return List.copyOf(all);
  }

  /** The loop for what exists once in the process. */
  EventLoop first() {
    return all.get(0);
  }

  /** Whether every loop still turns. */
  boolean alive() {
    try {
      askEach(all, loop -> loop, loop -> true);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** How busy each is; waits for them. */
  List<LoopView> view() {
    List<Integer> pending = all.stream().map(Loops::pendingTasks).toList();
    long asked = System.nanoTime();
    List<Long> begun = askEach(all, loop -> loop, loop -> System.nanoTime());
    List<LoopView> views = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      views.add(new LoopView(pending.get(i), (begun.get(i) - asked) / 1e6));
    }
    return views;
  }

  private static int pendingTasks(EventLoop loop) {
    return loop instanceof SingleThreadEventExecutor executor ? executor.pendingTasks() : 0;
  }

  /**
   * Runs {@code work} for each subject on the subject's own loop, all loops at once.
   *
   * @return what it gave, in the order of the subjects
   * @throws IllegalStateException when a loop hangs or has ended, or the work failed
   */
  <S, T extends @Nullable Object> List<T> askEach(
      List<S> subjects, Function<S, EventLoop> home, Function<S, T> work) {
    List<Future<T>> asked = new ArrayList<>(subjects.size());
    for (S subject : subjects) {
      Callable<T> question = () -> work.apply(subject);
      try {
        asked.add(home.apply(subject).submit(question));
      } catch (RuntimeException e) {
        throw new IllegalStateException("an event loop has ended", e);
      }
    }
    return await(asked, bound);
  }

  /**
   * Waits for what loops were asked to do.
   *
   * @param bound for all of it together
   * @throws IllegalStateException when it takes longer, or something of it failed
   */
  static <T extends @Nullable Object> List<T> await(
      List<? extends Future<T>> asked, Duration bound) {
    long deadline = System.nanoTime() + bound.toNanos();
    List<T> answers = new ArrayList<>(asked.size());
    try {
      for (Future<T> one : asked) {
        answers.add(one.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking the event loops", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("failed on an event loop: " + e.getCause(), e);
    } catch (TimeoutException | RuntimeException e) {
      throw new IllegalStateException("an event loop does not answer", e);
    }
    return answers;
  }

  /** Ends them, within two and a half seconds. */
  @Override
  public void close() {
    group
        .shutdownGracefully(0, 500, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
