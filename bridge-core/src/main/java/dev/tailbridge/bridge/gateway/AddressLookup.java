package dev.tailbridge.bridge.gateway;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Looks up the addresses of hosts on the ordinary network, on threads of its own, since the
 * system's resolver makes its caller wait. Thread-safe.
 */
public final class AddressLookup implements AutoCloseable {

  private static final int MOST_THREADS = 4;
  private static final int MOST_WAITING = 256;
  private static final long REST_SECONDS = 10;

  private final Resolver resolver;
  private final ThreadPoolExecutor threads;

  /** How names are looked up. */
  @FunctionalInterface
  public interface Resolver {
    /**
     * The addresses of a host, the best one first; may block.
     *
     * @throws UnknownHostException when there is none, or nobody could say
     */
    List<InetAddress> find(String host) throws UnknownHostException;
  }

  public AddressLookup(Resolver resolver) {
    this.resolver = resolver;
    this.threads =
        new ThreadPoolExecutor(
            MOST_THREADS,
            MOST_THREADS,
            REST_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            work -> {
              Thread thread = new Thread(work, "host-names");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /** With the resolver of this host, which remembers answers for half a minute. */
  public static AddressLookup ofThisHost() {
    return new AddressLookup(host -> List.of(InetAddress.getAllByName(host)));
  }

  /**
   * The addresses of a name, or the one that is written there.
   *
   * @param loop where listeners are told
   * @return at least one; fails with an {@link UnknownHostException}
   */
  Future<List<InetAddress>> find(String host, EventLoop loop) {
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
    if (literal != null) {
      try {
        return loop.newSucceededFuture(List.of(InetAddress.getByAddress(literal)));
      } catch (UnknownHostException e) {
        return loop.newFailedFuture(e);
      }
    }
    Promise<List<InetAddress>> promise = loop.newPromise();
    try {
      threads.execute(() -> find(host, promise));
    } catch (RejectedExecutionException e) {
      promise.setFailure(new UnknownHostException(host + ": too many names wait to be looked up"));
    }
    return promise;
  }

  private void find(String host, Promise<List<InetAddress>> promise) {
    try {
      promise.trySuccess(resolver.find(host));
    } catch (UnknownHostException | RuntimeException e) {
      promise.tryFailure(e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
