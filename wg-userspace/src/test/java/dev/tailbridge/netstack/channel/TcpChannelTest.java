package dev.tailbridge.netstack.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.socket.DuplexChannel;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Channels through a real tunnel between two endpoints of ours. */
@ExtendWith(NoBufferLeaks.class)
class TcpChannelTest {

  private EventLoopGroup loops;
  private Tunnel tunnel;

  @BeforeEach
  void open() throws Exception {
    loops = new EpollEventLoopGroup(2);
    tunnel = new Tunnel(loops.next(), loops.next());
  }

  @AfterEach
  void close() throws Exception {
    tunnel.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private static ChannelInitializer<Channel> echo() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast(new Echo());
      }
    };
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @Test
  void aMegabyteGoesThereAndBackAndBothHalvesClose() throws Exception {
    tunnel.serve(7, echo());
    byte[] sent = random(1 << 20);
    Recorder recorder = new Recorder();
    Channel channel = tunnel.call(recorder).connect(Tunnel.SERVER, 7).sync().channel();
    ChannelFuture written = channel.writeAndFlush(Unpooled.wrappedBuffer(sent));
    ((DuplexChannel) channel).shutdownOutput().sync();
    assertThat(written.isSuccess()).isTrue();
    await().until(() -> recorder.inputShutdowns.get() > 0);
    assertThat(recorder.received()).isEqualTo(sent);
    channel.close().sync();
    assertThat(recorder.inputShutdowns).hasValue(1);
    assertThat(recorder.failure).hasValue(null);
  }

  @Test
  void aPortWhereNobodyListensRefuses() {
    Recorder recorder = new Recorder();
    assertThatThrownBy(() -> tunnel.call(recorder).connect(Tunnel.SERVER, 81).sync())
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("refused");
  }

  @Test
  void unreadInputStopsTheSenderAndGoesOnWhenRead() throws Exception {
    Recorder recorder = new Recorder();
    tunnel.serve(7, echo());
    Channel channel =
        tunnel
            .call(recorder)
            .option(ChannelOption.AUTO_READ, false)
            .connect(Tunnel.SERVER, 7)
            .sync()
            .channel();
    byte[] sent = random(512 << 10);
    ChannelFuture written = channel.writeAndFlush(Unpooled.wrappedBuffer(sent));
    // Both directions fill up: two buffers of 64 KiB each, and the echo's watermark.
    await().during(300, TimeUnit.MILLISECONDS).until(() -> !channel.isWritable());
    assertThat(written.isDone()).isFalse();
    assertThat(recorder.received()).isEmpty();
    channel.config().setAutoRead(true);
    await().atMost(30, TimeUnit.SECONDS).until(() -> recorder.received().length == sent.length);
    assertThat(recorder.received()).isEqualTo(sent);
    channel.close().sync();
  }

  @Test
  void anAbortResetsTheOtherSide() throws Exception {
    Queue<Recorder> accepted = new ConcurrentLinkedQueue<>();
    tunnel.serve(7, record(accepted));
    Channel channel = tunnel.call(new Recorder()).connect(Tunnel.SERVER, 7).sync().channel();
    channel.writeAndFlush(Unpooled.wrappedBuffer(random(10))).sync();
    await().until(() -> !accepted.isEmpty() && accepted.peek().received().length == 10);
    ((TcpChannel) channel).abort().sync();
    await().until(() -> accepted.peek().inactive);
    assertThat(accepted.peek().failure.get())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void closingWithUnreadInputResets() throws Exception {
    Queue<Recorder> accepted = new ConcurrentLinkedQueue<>();
    tunnel.serve(7, record(accepted));
    Channel channel =
        tunnel
            .call(new Recorder())
            .option(ChannelOption.AUTO_READ, false)
            .connect(Tunnel.SERVER, 7)
            .sync()
            .channel();
    await().until(() -> !accepted.isEmpty() && accepted.peek().context != null);
    accepted.peek().context.writeAndFlush(Unpooled.wrappedBuffer(random(100))).sync();
    TcpChannel own = (TcpChannel) channel;
    await()
        .until(() -> own.eventLoop().submit(() -> own.connection().tcb().readable() == 100).get());
    channel.close().sync();
    await().until(() -> accepted.peek().inactive);
    assertThat(accepted.peek().failure.get()).hasMessageContaining("reset");
  }

  private static ChannelInitializer<Channel> record(Queue<Recorder> accepted) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        Recorder recorder = new Recorder();
        channel.pipeline().addLast(recorder);
        accepted.add(recorder);
      }
    };
  }

  @Test
  void whoIsAskedMayRefuseIgnoreOrAcceptLater() throws Exception {
    Queue<PendingConnection> callers = new ConcurrentLinkedQueue<>();
    tunnel.server.eventLoop().submit(() -> tunnel.server.listen(7, callers::add)).sync();
    ChannelFuture refused = tunnel.call(new Recorder()).connect(Tunnel.SERVER, 7);
    await().until(() -> !callers.isEmpty());
    assertThat(refused.isDone()).isFalse();
    decide(callers.remove()::refuse);
    assertThatThrownBy(refused::sync).isInstanceOf(ConnectException.class);

    ChannelFuture called = tunnel.call(new Recorder()).connect(Tunnel.SERVER, 7);
    await().until(() -> !callers.isEmpty());
    decide(callers.remove()::ignore);
    // The SYN comes again after a second.
    await().until(() -> !callers.isEmpty());
    assertThat(called.isDone()).isFalse();
    decide(callers.remove()::accept);
    called.sync().channel().close().sync();
  }

  @Test
  void aChannelMayBeMadeBeforeTheHandshakeIsDone() throws Exception {
    Recorder accepted = new Recorder();
    List<Boolean> activeAtFirst = new CopyOnWriteArrayList<>();
    Stack server = tunnel.server;
    Consumer<PendingConnection> accept =
        caller -> {
          TcpChannel channel = new TcpChannel(null, server, caller.accept());
          channel.pipeline().addLast(accepted);
          server.eventLoop().register(channel);
          activeAtFirst.add(channel.isActive());
        };
    server.eventLoop().submit(() -> server.listen(7, accept)).sync();
    Channel channel = tunnel.call(new Recorder()).connect(Tunnel.SERVER, 7).sync().channel();
    channel.writeAndFlush(Unpooled.wrappedBuffer(random(10))).sync();
    await().until(() -> accepted.received().length == 10);
    assertThat(activeAtFirst).containsExactly(false);
    assertThat(accepted.context.channel().isActive()).isTrue();
    channel.close().sync();
  }

  @Test
  void aPortIsInsistedOnOrPreferred() throws Exception {
    tunnel.serve(7, echo());
    InetSocketAddress server = new InetSocketAddress(Tunnel.SERVER, 7);
    InetSocketAddress wanted = new InetSocketAddress(Tunnel.CLIENT, 4000);
    Channel first = tunnel.call(new Recorder()).connect(server, wanted).sync().channel();
    assertThat(first.localAddress()).isEqualTo(wanted);
    assertThatThrownBy(() -> tunnel.call(new Recorder()).connect(server, wanted).sync())
        .hasMessageContaining("there is, or just was, a connection");
    Channel second =
        tunnel
            .call(new Recorder())
            .option(TcpChannelOption.PREFER_LOCAL_PORT, true)
            .connect(server, wanted)
            .sync()
            .channel();
    assertThat(second.localAddress()).isNotEqualTo(wanted);
    first.close().sync();
    second.close().sync();
  }

  private void decide(Runnable decision) throws Exception {
    tunnel.server.eventLoop().submit(decision).sync();
  }

  @Test
  void shortConnectionsLeaveNothingOpen() throws Exception {
    tunnel.serve(7, echo());
    for (int i = 0; i < 200; i++) {
      Recorder recorder = new Recorder();
      Channel channel = tunnel.call(recorder).connect(Tunnel.SERVER, 7).sync().channel();
      ByteBuf question = Unpooled.wrappedBuffer(random(100));
      channel.writeAndFlush(question).sync();
      ((DuplexChannel) channel).shutdownOutput().sync();
      await()
          .pollDelay(0, TimeUnit.MILLISECONDS)
          .pollInterval(1, TimeUnit.MILLISECONDS)
          .until(() -> recorder.inputShutdowns.get() == 1);
      assertThat(recorder.received()).hasSize(100);
      channel.close().sync();
    }
    // We closed first, so TIME-WAIT is on our side and nothing on the server's.
    await()
        .until(
            () ->
                tunnel.server.eventLoop().submit(() -> tunnel.server.connectionCount()).get() == 0);
  }
}
