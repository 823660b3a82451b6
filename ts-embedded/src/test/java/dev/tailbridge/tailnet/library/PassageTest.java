package dev.tailbridge.tailnet.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.tailnet.control.SocketPair;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real descriptors over a real socket. */
final class PassageTest {

  private static final int MANY = 40;

  private final EventLoopGroup group = new EpollEventLoopGroup(1);
  private final EventLoop loop = group.next();
  private final SocketPair socket = SocketPair.open();
  private final EpollDomainSocketChannel go = new EpollDomainSocketChannel(socket.go());
  private final Passage passage = Passage.over(new EpollDomainSocketChannel(socket.java()), loop);
  private final List<SocketPair> pairs = new ArrayList<>();

  PassageTest() {
    go.pipeline().addLast(new ChannelInboundHandlerAdapter());
    loop.register(go).syncUninterruptibly();
  }

  @AfterEach
  void end() {
    pairs.forEach(pair -> SocketPair.close(pair.go()));
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void eachIsKnownByItsPlaceWhicheverOfTheTwoComesFirst() throws Exception {
    CompletableFuture<Integer> second = passage.take(1);
    give();
    give();
    int there = second.get(30, TimeUnit.SECONDS);
    assertConnected(there, pairs.get(1));
    int first = passage.take(0).get(30, TimeUnit.SECONDS);
    assertConnected(first, pairs.get(0));
    assertThat(Descriptors.isNonBlocking(first)).isTrue();
    assertThatThrownBy(() -> passage.take(0).get(30, TimeUnit.SECONDS))
        .hasMessageContaining("before it handed over");
    Descriptors.close(there);
    Descriptors.close(first);
  }

  @Test
  void manyAtOnceAllCome() throws Exception {
    CompletableFuture<Integer> last = passage.take(MANY - 1);
    loop.submit(
            () -> {
              for (int i = 0; i < MANY; i++) {
                SocketPair pair = SocketPair.open();
                pairs.add(pair);
                go.write(new FileDescriptor(pair.java()));
              }
              go.flush();
            })
        .sync();
    int descriptor = last.get(30, TimeUnit.SECONDS);
    assertConnected(descriptor, pairs.get(MANY - 1));
    Descriptors.close(descriptor);
    pairs.forEach(pair -> SocketPair.close(pair.java()));
  }

  @Test
  void theEndFailsWhoWaitsAndClosesWhatNobodyTook() throws Exception {
    CompletableFuture<Integer> never = passage.take(1);
    give();
    await().until(() -> go.unsafe().outboundBuffer().isEmpty());
    go.close().sync();
    assertThatThrownBy(() -> never.get(30, TimeUnit.SECONDS))
        .hasMessageContaining("the sidecar ended before");
    await().until(() -> SocketPair.atEnd(pairs.get(0).go()));
    assertThatThrownBy(() -> passage.take(2).get(30, TimeUnit.SECONDS))
        .hasMessageContaining("the sidecar ended before");
  }

  /** Sends Java's end of a new pair; what arrives is another number for the same socket. */
  private void give() throws InterruptedException {
    SocketPair pair = SocketPair.open();
    pairs.add(pair);
    go.writeAndFlush(new FileDescriptor(pair.java())).sync();
    SocketPair.close(pair.java());
  }

  private static void assertConnected(int descriptor, SocketPair pair) {
    SocketPair.write(descriptor, new byte[] {7});
    assertThat(SocketPair.read(pair.go())).containsExactly(7);
  }
}
