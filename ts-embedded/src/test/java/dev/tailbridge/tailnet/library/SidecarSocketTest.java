package dev.tailbridge.tailnet.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SidecarSocketTest {

  private final EventLoopGroup group = new EpollEventLoopGroup(1);
  @TempDir private Path folder;

  @AfterEach
  void end() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void twoConnectionsOfTheOneProcessAreTakenInTheirOrder() throws Exception {
    Path path = Files.write(folder.resolve("s"), new byte[3]);
    try (SidecarSocket socket = SidecarSocket.listen(path, group.next())) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
      socket.expect(ProcessHandle.current().pid());
      try (SocketChannel first = connect(path);
          SocketChannel second = connect(path);
          SocketChannel third = connect(path)) {
        EpollDomainSocketChannel control = socket.control().get(30, TimeUnit.SECONDS);
        EpollDomainSocketChannel passage = socket.passage().get(30, TimeUnit.SECONDS);
        control.fd().write(ByteBuffer.allocateDirect(1).put(0, (byte) 1), 0, 1);
        passage.fd().write(ByteBuffer.allocateDirect(1).put(0, (byte) 2), 0, 1);
        assertThat(read(first)).isEqualTo(1);
        assertThat(read(second)).isEqualTo(2);
        assertThat(read(third)).as("one too many").isEqualTo(-1);
        SidecarSocket.discard(control);
        SidecarSocket.discard(passage);
      }
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void anotherProcessIsTurnedAway() throws Exception {
    Path path = folder.resolve("s");
    try (SidecarSocket socket = SidecarSocket.listen(path, group.next())) {
      try (SocketChannel early = connect(path)) {
        assertThat(read(early)).isEqualTo(-1);
      }
      socket.expect(ProcessHandle.current().pid() + 1);
      try (SocketChannel stranger = connect(path)) {
        assertThat(read(stranger)).isEqualTo(-1);
      }
      assertThat(socket.control()).isNotDone();
    }
  }

  @Test
  void aPathThatLinuxDoesNotTakeIsRefusedWithTheRemedy() {
    Path path = folder.resolve("x".repeat(SidecarSocket.LONGEST_PATH));
    assertThatThrownBy(() -> SidecarSocket.listen(path, group.next()))
        .isInstanceOf(TailnetLibraryException.class)
        .hasMessageStartingWith(path.toString())
        .hasMessageEndingWith("and Linux takes 107: choose a shorter state_dir");
  }

  @Test
  void aFolderThatIsNotThereIsNamed() {
    Path path = folder.resolve("gone/s");
    assertThatThrownBy(() -> SidecarSocket.listen(path, group.next()))
        .isInstanceOf(TailnetLibraryException.class)
        .hasMessageContainingAll(path.toString(), "choose another state_dir");
  }

  private static SocketChannel connect(Path path) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(path));
    return channel;
  }

  /** The next byte; -1 at the end. */
  private static int read(SocketChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    try {
      return channel.read(one) < 0 ? -1 : one.get(0);
    } catch (IOException e) {
      return -1; // A reset.
    }
  }
}
