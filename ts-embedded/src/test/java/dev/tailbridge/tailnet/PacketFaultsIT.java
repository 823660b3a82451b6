package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Whatever Java does to one node's packet descriptor, the other nodes do not notice. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PacketFaultsIT {

  private Path directory;
  private Lab control;
  private TestNode a;
  private TestNode b;

  @BeforeAll
  void startTwoNodes(@TempDir Path temporary) throws Exception {
    directory = temporary;
    control = Lab.control();
    a = start("fault-a", RealLibrary.loop()).awaitReady();
    b = start("fault-b", RealLibrary.loop()).awaitReady();
    a.exchange(b, 7, "before");
  }

  @AfterAll
  void stop() throws Exception {
    a.node.stop().get(30, TimeUnit.SECONDS);
    b.node.stop().get(30, TimeUnit.SECONDS);
    control.close();
  }

  @Test
  void garbageEndsThatNodeOnly() throws Exception {
    byte[] garbage = new byte[4000];
    new Random(4).nextBytes(garbage);
    garbage[0] = 0x10;
    assertEnds("garbage", channel -> channel.writeAndFlush(Unpooled.wrappedBuffer(garbage)));
  }

  @Test
  void aPacketOfTheLargestLengthIsSkippedAndCounted() throws Exception {
    EventLoopGroup own = new EpollEventLoopGroup(1);
    TestNode c = start("fault-largest", own.next()).awaitReady();
    packetChannel(c).writeAndFlush(Unpooled.wrappedBuffer(Packets.numbered(1, 65535)));
    c.exchange(a, 7, "behind the largest");
    assertThat(c.node.status().ended()).isFalse();
    await().until(() -> c.node.status().packets().goBad() == 1);
    c.node.stop().get(30, TimeUnit.SECONDS);
    own.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  @Test
  void aTruncatedPacketAndACloseEndThatNodeOnly() throws Exception {
    byte[] half = Arrays.copyOf(Packets.numbered(1, 1000), 500);
    assertEnds(
        "truncated",
        channel -> {
          channel.writeAndFlush(Unpooled.wrappedBuffer(half));
          channel.close();
        });
  }

  @Test
  void aNodeThatJavaDoesNotReadDropsAndRecovers() throws Exception {
    EventLoopGroup own = new EpollEventLoopGroup(1);
    TestNode c = start("fault-stalled", own.next()).awaitReady();
    a.exchange(c, 7, "first");
    Channel channel = packetChannel(c);
    channel.config().setAutoRead(false);
    String filler = "x".repeat(1200);
    await("the node drops what Java does not take")
        .pollInterval(Duration.ofMillis(50))
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              for (int i = 0; i < 100; i++) {
                a.sendUdp(c, 9, filler);
              }
              return c.node.status().packets().goDroppedFull() > 0;
            });
    a.exchange(b, 7, "meanwhile");
    channel.config().setAutoRead(true);
    a.exchange(c, 7, "again");
    assertThat(c.node.status().ended()).isFalse();
    c.node.stop().get(30, TimeUnit.SECONDS);
    own.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private void assertEnds(String name, Consumer<Channel> fault) throws Exception {
    EventLoopGroup own = new EpollEventLoopGroup(1);
    TestNode c = start("fault-" + name, own.next()).awaitReady();
    fault.accept(packetChannel(c));
    await().atMost(Duration.ofSeconds(30)).until(() -> !c.listener.ends.isEmpty());
    assertThat(c.listener.ends).singleElement().asString().isNotEmpty().doesNotContain("\n");
    assertThat(c.node.status().ended()).isTrue();
    c.node.stop().get(5, TimeUnit.SECONDS);
    a.exchange(b, 7, "after " + name);
    b.exchange(a, 7, "back after " + name);
    assertThat(a.listener.ends).isEmpty();

    // The same identity starts again.
    TestNode again = start("fault-" + name, own.next()).awaitReady();
    a.exchange(again, 7, "welcome back");
    again.node.stop().get(30, TimeUnit.SECONDS);
    own.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  /** The node's channel is the only one on a loop of its own. */
  private static Channel packetChannel(TestNode node) throws Exception {
    SingleThreadEventLoop loop = (SingleThreadEventLoop) node.node.eventLoop();
    return loop.submit(() -> loop.registeredChannelsIterator().next()).get();
  }

  private TestNode start(String name, EventLoop loop) {
    return TestNode.start(RealLibrary.tailnet(), control, directory, name, Lab.AUTH_KEY, loop);
  }
}
