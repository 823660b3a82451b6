package dev.tailbridge.tailnet.library;

import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Where the Go code runs that holds the nodes: in this process, or in one of its own. The defaults
 * are those of this process.
 */
public interface Engine {

  /** What it was built from. */
  LibraryVersion version();

  /**
   * Java's end of the control pair, with no event loop yet. Called once: whoever gets it owns it.
   */
  EpollDomainSocketChannel control();

  /**
   * Java's end of a packet pair, which the caller owns. In one process the number is the descriptor
   * itself.
   *
   * @param number as the answer to a start request names it; each is asked for once
   * @return completes at once, or on the control loop; fails when it never comes
   */
  default CompletableFuture<Integer> descriptor(long number) {
    return CompletableFuture.completedFuture((int) number);
  }

  /**
   * What became of the engine, now that the control pair is closed.
   *
   * @param reason what the control pair knows of it
   * @return completes, with one line, when no node can run in it any more
   */
  default CompletableFuture<String> ended(String reason) {
    return CompletableFuture.completedFuture(reason);
  }

  /** The process of its own; empty when it is this one. */
  default OptionalLong childPid() {
    return OptionalLong.empty();
  }

  /**
   * Closes every node. Call it once.
   *
   * @return whether all were closed before the deadline
   */
  CompletableFuture<Boolean> shutdown(Duration deadline);
}
