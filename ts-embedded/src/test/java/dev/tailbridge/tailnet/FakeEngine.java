package dev.tailbridge.tailnet;

import dev.tailbridge.tailnet.library.Engine;
import dev.tailbridge.tailnet.library.LibraryVersion;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A test double for where Go runs: in this process, at the other end of a descriptor.
 *
 * @param closed what {@link #shutdown} answers
 */
record FakeEngine(int controlDescriptor, CompletableFuture<Boolean> closed) implements Engine {

  @Override
  public LibraryVersion version() {
    return new LibraryVersion("1", "test double", "");
  }

  @Override
  public EpollDomainSocketChannel control() {
    return new EpollDomainSocketChannel(controlDescriptor);
  }

  @Override
  public CompletableFuture<Boolean> shutdown(Duration deadline) {
    return closed;
  }
}
