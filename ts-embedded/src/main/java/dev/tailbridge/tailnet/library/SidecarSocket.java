package dev.tailbridge.tailnet.library;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;

/**
 * Where a sidecar calls: a listening socket that takes two connections, the first for the control
 * frames and the second for descriptors, of one process and nobody else.
 *
 * <p>It lies in a directory that is private, and the kernel says which process a connection is of,
 * so no other program can pass for the sidecar. Closed when both are there.
 */
final class SidecarSocket extends ChannelInboundHandlerAdapter implements AutoCloseable {

  /** What fits into a {@code sockaddr_un} besides the final zero, in bytes; unix(7). */
  static final int LONGEST_PATH = 107;

  private final Path path;
  private final EpollServerDomainSocketChannel server = new EpollServerDomainSocketChannel();
  private final CompletableFuture<EpollDomainSocketChannel> control = new CompletableFuture<>();
  private final CompletableFuture<EpollDomainSocketChannel> passage = new CompletableFuture<>();
  private volatile long expected = -1;

  private SidecarSocket(Path path) {
    this.path = path;
  }

  /**
   * Listens at a path; what lay there is replaced.
   *
   * @param path in an existing private directory
   */
  static SidecarSocket listen(Path path, EventLoop loop) throws TailnetLibraryException {
    int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_PATH) {
      throw new TailnetLibraryException(
          path
              + ": the path of the sidecar's socket has "
              + length
              + " bytes, and Linux takes "
              + LONGEST_PATH
              + ": choose a shorter state_dir");
    }
    SidecarSocket socket = new SidecarSocket(path);
    try {
      Files.deleteIfExists(path);
      socket.server.pipeline().addLast(socket);
      loop.register(socket.server).sync();
      ChannelFuture bound = socket.server.bind(new DomainSocketAddress(path.toString())).await();
      if (!bound.isSuccess()) {
        throw new IOException(bound.cause());
      }
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw new TailnetLibraryException(
          path
              + ": the sidecar's socket cannot be made ("
              + e.getMessage()
              + "): make its directory writable for this user, or choose another state_dir",
          e);
    } catch (InterruptedException e) {
      socket.close();
      Thread.currentThread().interrupt();
      throw new TailnetLibraryException("interrupted while the sidecar starts", e);
    }
  }

  /** Lets this process connect; until then nobody may. */
  void expect(long pid) {
    expected = pid;
  }

  /** The first connection, with no event loop yet; its taker owns it. */
  CompletableFuture<EpollDomainSocketChannel> control() {
    return control;
  }

  /** The second connection, over which descriptors come; its taker owns it. */
  CompletableFuture<EpollDomainSocketChannel> passage() {
    return passage;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object accepted) {
    EpollDomainSocketChannel connection = (EpollDomainSocketChannel) accepted;
    if (!isExpected(connection)
        || (!control.complete(connection) && !passage.complete(connection))) {
      discard(connection);
    }
  }

  private boolean isExpected(EpollDomainSocketChannel connection) {
    try {
      return connection.peerCredentials().pid() == expected;
    } catch (IOException e) {
      return false;
    }
  }

  /** Closes what came, or comes yet, since nobody is going to take it. */
  @SuppressWarnings("FutureReturnValueIgnored") // Where nothing came, nothing is to be closed.
  void discardAccepted() {
    control.thenAccept(SidecarSocket::discard);
    passage.thenAccept(SidecarSocket::discard);
  }

  /** Closes a connection that no event loop has. */
  static void discard(Channel connection) {
    connection.unsafe().closeForcibly();
  }

  /** Ends the listening and takes the path away. */
  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // Nothing is left to do when it fails.
  public void close() {
    if (server.isRegistered()) {
      server.close();
    } else {
      discard(server);
    }
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The next start replaces it.
    }
  }
}
