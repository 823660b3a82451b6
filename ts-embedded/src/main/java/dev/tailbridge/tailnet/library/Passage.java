package dev.tailbridge.tailnet.library;

import dev.tailbridge.tailnet.control.RequestFailedException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollMode;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * Takes descriptors from another process (SCM_RIGHTS, unix(7)). They are known by their place in
 * the order of their coming, which both sides count from 0; a descriptor and the frame that names
 * it come over two sockets, so either may be first.
 *
 * <p>Netty makes each of them non-blocking. Those that nobody asked for are closed with the
 * connection. Confined to its loop.
 */
final class Passage extends ChannelInboundHandlerAdapter {

  private final EventLoop loop;

  /** By number, from when it came or was asked for until both happened. */
  private final Map<Long, CompletableFuture<Integer>> open = new HashMap<>();

  private long came;
  private boolean over;

  private Passage(EventLoop loop) {
    this.loop = loop;
  }

  /** Begins to take what comes over a connection, which it owns. */
  @SuppressWarnings("FutureReturnValueIgnored") // A failure closes the channel, which is heard.
  static Passage over(EpollDomainSocketChannel connection, EventLoop loop) {
    Passage passage = new Passage(loop);
    connection.config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
    // Netty reads one descriptor for each event, and an edge comes but once for many of them.
    connection.config().setEpollMode(EpollMode.LEVEL_TRIGGERED);
    connection.pipeline().addLast(passage);
    loop.register(connection);
    return passage;
  }

  /**
   * Hands out a descriptor, to own; once each.
   *
   * @return completes on the loop
   */
  CompletableFuture<Integer> take(long number) {
    CompletableFuture<Integer> asked = new CompletableFuture<>();
    Runnable look =
        () -> {
          CompletableFuture<Integer> there = open.remove(number);
          if (there != null) {
            asked.complete(there.join());
          } else if (over || number < came) {
            asked.completeExceptionally(cutOff());
          } else {
            open.put(number, asked);
          }
        };
    if (loop.inEventLoop()) {
      look.run();
      return asked;
    }
    try {
      loop.execute(look);
    } catch (RejectedExecutionException e) {
      asked.completeExceptionally(cutOff());
    }
    return asked;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    int descriptor = ((FileDescriptor) message).intValue();
    CompletableFuture<Integer> asked = open.remove(came);
    if (asked == null) {
      open.put(came, CompletableFuture.completedFuture(descriptor));
    } else {
      asked.complete(descriptor);
    }
    came++;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    over = true;
    for (CompletableFuture<Integer> left : open.values()) {
      if (left.isDone()) {
        Descriptors.close(left.join());
      } else {
        left.completeExceptionally(cutOff());
      }
    }
    open.clear();
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // Its end is heard.
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private static RequestFailedException cutOff() {
    return new RequestFailedException(
        RequestFailedException.Cause.DISCONNECTED,
        "the sidecar ended before it handed over a node's packet descriptor");
  }
}
