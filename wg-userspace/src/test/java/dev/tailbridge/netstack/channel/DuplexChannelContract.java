package dev.tailbridge.netstack.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.netstack.channel.ChannelKind.Pair;
import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a splice relies on, of whatever kind its two channels are. */
@ExtendWith(NoBufferLeaks.class)
abstract class DuplexChannelContract {

  private static final int MEGABYTE = 1 << 20;

  @TempDir Path folder;
  private EpollEventLoopGroup loops;
  private ChannelKind kind;

  abstract ChannelKind kind(EventLoop loop, Path temporary) throws Exception;

  @BeforeEach
  void start() throws Exception {
    loops = new EpollEventLoopGroup(1);
    kind = kind(loops.next(), folder);
  }

  @AfterEach
  void stop() throws Exception {
    kind.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static ChannelFuture write(Channel to, byte[] bytes) {
    return to.writeAndFlush(Unpooled.wrappedBuffer(bytes));
  }

  @Test
  void bytesArriveInOrderBothWays() throws Exception {
    Recorder recorder = new Recorder();
    Pair pair = kind.open(recorder, new Echo(), true);
    byte[] sent = random(MEGABYTE);
    write(pair.near(), sent);
    await().until(() -> recorder.received().length == MEGABYTE);
    assertThat(recorder.received()).isEqualTo(sent);
    pair.near().close().sync();
  }

  @Test
  void eachDirectionEndsByItself() throws Exception {
    Recorder near = new Recorder();
    Recorder far = new Recorder();
    Pair pair = kind.open(near, far, true);
    write(pair.near(), random(100));
    ((DuplexChannel) pair.near()).shutdownOutput().sync();
    await().until(() -> far.inputShutdowns.get() == 1);
    assertThat(far.receivedBeforeEnd).isEqualTo(100);
    assertThat(near.inputShutdowns).hasValue(0);
    write(pair.far(), random(200)).sync();
    ((DuplexChannel) pair.far()).shutdownOutput().sync();
    await().until(() -> near.inputShutdowns.get() == 1);
    assertThat(near.receivedBeforeEnd).isEqualTo(200);
    assertThat(((DuplexChannel) pair.near()).isShutdown()).isTrue();
    assertThat(pair.near().isOpen()).isTrue();
    pair.near().close().sync();
    pair.far().close().sync();
    assertThat(near.inputShutdowns).hasValue(1);
    assertThat(far.inputShutdowns).hasValue(1);
    assertThat(near.failure.get()).isNull();
    assertThat(far.failure.get()).isNull();
  }

  @Test
  void whatIsWrittenBeforeTheOutputEndsArrives() throws Exception {
    Recorder far = new Recorder();
    Pair pair = kind.open(new Recorder(), far, true);
    byte[] sent = random(3 * MEGABYTE);
    // As a splice does: the end goes behind everything that waits.
    write(pair.near(), sent);
    pair.near()
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(done -> ((DuplexChannel) pair.near()).shutdownOutput());
    await().until(() -> far.inputShutdowns.get() == 1);
    assertThat(far.received()).isEqualTo(sent);
    pair.near().close().sync();
    pair.far().close().sync();
  }

  @Test
  void aWriterStopsWhileNobodyReads() throws Exception {
    Recorder far = new Recorder();
    Pair pair = kind.open(new Recorder(), far, false);
    byte[] sent = random(8 * MEGABYTE);
    ChannelFuture written = write(pair.near(), sent);
    await()
        .during(200, TimeUnit.MILLISECONDS)
        .until(() -> !pair.near().isWritable() && !written.isDone());
    assertThat(far.received()).isEmpty();
    pair.far().config().setAutoRead(true);
    await().atMost(20, TimeUnit.SECONDS).until(() -> far.received().length == sent.length);
    assertThat(far.received()).isEqualTo(sent);
    assertThat(written.sync().isSuccess()).isTrue();
    assertThat(pair.near().isWritable()).isTrue();
    pair.near().close().sync();
  }

  @Test
  void aResetIsToldAndEndsTheChannel() throws Exception {
    Recorder near = new Recorder();
    Recorder far = new Recorder();
    Pair pair = kind.open(near, far, false);
    write(pair.near(), random(100)).sync();
    kind.abort(pair.far());
    await().until(() -> near.inactive);
    assertThat(near.failure.get()).isInstanceOf(IOException.class).hasMessageContaining("reset");
    assertThat(near.inputShutdowns).hasValue(0);
    assertThat(pair.near().isOpen()).isFalse();
  }

  @Test
  void closingWithUnreadDataIsAReset() throws Exception {
    Recorder near = new Recorder();
    Pair pair = kind.open(near, new Recorder(), false);
    write(pair.near(), random(10_000)).sync();
    // The kinds differ in when data is at the far side: for a kernel's, once it is written.
    await().until(() -> arrived(pair.far()));
    pair.far().close().sync();
    await().until(() -> near.inactive);
    assertThat(near.failure.get()).isInstanceOf(IOException.class).hasMessageContaining("reset");
  }

  private static boolean arrived(Channel far) throws Exception {
    return !(far instanceof TcpChannel own)
        || own.eventLoop().submit(() -> own.connection().tcb().readable() == 10_000).get();
  }

  @Test
  void closingInOrderIsNoFailure() throws Exception {
    Recorder near = new Recorder();
    Pair pair = kind.open(near, new Recorder(), true);
    write(pair.far(), random(100)).sync();
    pair.far().close().sync();
    await().until(() -> near.inputShutdowns.get() == 1);
    assertThat(near.receivedBeforeEnd).isEqualTo(100);
    assertThat(near.failure.get()).isNull();
    assertThat(pair.near().isOpen()).isTrue();
    pair.near().close().sync();
  }

  @Test
  void aWriteBehindTheEndFails() throws Exception {
    Pair pair = kind.open(new Recorder(), new Recorder(), true);
    ((DuplexChannel) pair.near()).shutdownOutput().sync();
    assertThat(write(pair.near(), random(1)).await().isSuccess()).isFalse();
    pair.near().close().sync();
    pair.far().close().sync();
  }

  @Test
  void aWriteThatIsFlushedBehindTheEndFails() throws Exception {
    Pair pair = kind.open(new Recorder(), new Recorder(), true);
    ChannelFuture early = pair.near().write(Unpooled.wrappedBuffer(random(1)));
    ((DuplexChannel) pair.near()).shutdownOutput().sync();
    pair.near().flush();
    assertThat(early.await().isSuccess()).isFalse();
    pair.near().close().sync();
    pair.far().close().sync();
  }

  @Test
  void anAnswerLargerThanAnyBufferFollowsTheCallersEnd() throws Exception {
    GateServer server = new GateServer(/* togglesAutoRead= */ false);
    assertAnswerIsWhole(server);
  }

  @Test
  void theSameWhileReadingIsSwitchedOffAndOn() throws Exception {
    GateServer server = new GateServer(/* togglesAutoRead= */ true);
    assertAnswerIsWhole(server);
  }

  private void assertAnswerIsWhole(GateServer server) throws Exception {
    Recorder caller = new Recorder();
    Pair pair = kind.open(caller, server, true);
    pair.near().config().setAutoRead(false);
    write(pair.near(), random(5)).sync();
    ((DuplexChannel) pair.near()).shutdownOutput().sync();
    await().until(() -> server.answer != null && !pair.far().isWritable());
    assertThat(server.answer.isDone()).isFalse();
    pair.near().config().setAutoRead(true);
    await().atMost(20, TimeUnit.SECONDS).until(() -> caller.inputShutdowns.get() == 1);
    assertThat(caller.receivedBeforeEnd).isEqualTo(GateServer.ANSWER_BYTES);
    assertThat(caller.failure.get()).isNull();
    pair.near().close().sync();
  }

  @Test
  void aChannelWithBothHalvesShutCostsNothing() throws Exception {
    Recorder near = new Recorder();
    Recorder far = new Recorder();
    Pair pair = kind.open(near, far, true);
    ((DuplexChannel) pair.near()).shutdownOutput().sync();
    ((DuplexChannel) pair.far()).shutdownOutput().sync();
    await().until(() -> near.inputShutdowns.get() == 1 && far.inputShutdowns.get() == 1);
    CpuTime cpu = CpuTime.of(pair.near().eventLoop());
    // A loop that spins uses all of this time.
    await().pollDelay(Duration.ofMillis(500)).until(() -> true);
    assertThat(cpu.used()).isLessThan(Duration.ofMillis(50));
    pair.near().close().sync();
    pair.far().close().sync();
  }
}
