package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.tailnet.control.SocketPair;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PacketPipeTest {

  private static final int MTU = 1280;

  private final EventLoopGroup group = new EpollEventLoopGroup(1);
  private final EventLoop loop = group.next();
  private final SocketPair pair = SocketPair.open();
  private final LinkMeter meter = new LinkMeter();
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private final List<byte[]> received = Collections.synchronizedList(new ArrayList<>());
  private final PacketPipe pipe =
      onLoop(() -> PacketPipe.adopt(loop, pair.java(), meter, new Receiver(), new Owner()));
  private boolean goClosed;

  @AfterEach
  void end() {
    closeGo();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    assertThat(pair.javaClosed()).as("the descriptor is closed").isTrue();
  }

  @Test
  void aBatchArrivesAsOneBatch() {
    byte[] first = Packets.numbered(1, 60);
    byte[] second = Packets.numbered(2, 1280);
    SocketPair.write(pair.go(), join(List.of(first, second)));
    await().until(() -> heard.contains("batch"));
    assertThat(received).containsExactly(first, second);
    assertThat(heard).containsExactly("packet", "packet", "batch");
    assertThat(counters().packetsIn()).isEqualTo(2);
    assertThat(counters().bytesIn()).isEqualTo(1340);
  }

  @Test
  void whatIsWrittenLeavesAtTheFlushInOrder() {
    onLoop(
        () -> {
          pipe.write(Unpooled.copiedBuffer(Packets.numbered(1, 60)), MTU);
          pipe.write(Unpooled.directBuffer().writeBytes(Packets.numbered(2, 1280)), MTU);
          return pipe;
        });
    assertThat(SocketPair.read(pair.go())).as("before the flush").isNull();
    flush();
    assertThat(SocketPair.read(pair.go()))
        .isEqualTo(join(List.of(Packets.numbered(1, 60), Packets.numbered(2, 1280))));
  }

  @Test
  void aSlowReaderCostsWholePacketsAndBoundedMemory() {
    int count = 4000;
    Random random = new Random(5);
    List<byte[]> sent = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sent.add(Packets.numbered(i, 20 + random.nextInt(MTU - 20 + 1)));
    }
    Future<?> written =
        loop.submit(
            () -> {
              for (byte[] packet : sent) {
                pipe.write(Unpooled.copiedBuffer(packet), MTU);
                pipe.flush();
              }
            });
    assertThat(written.awaitUninterruptibly(30, TimeUnit.SECONDS)).as("nothing blocks").isTrue();
    long taken = counters().packetsOut();
    assertThat(counters().droppedFull()).isEqualTo(count - taken).isPositive();
    int socketBuffers = 4 * 256 * 1024;
    assertThat(counters().bytesOut()).isLessThan(PacketPipe.QUEUE_BYTES + socketBuffers);

    // The reader wakes up: everything that was taken arrives whole, in order, and there is room.
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    await()
        .pollInterval(1, TimeUnit.MILLISECONDS)
        .until(
            () -> {
              byte[] bytes = SocketPair.read(pair.go());
              if (bytes != null) {
                stream.writeBytes(bytes);
              }
              return stream.size() >= counters().bytesOut();
            });
    List<byte[]> arrived = new ArrayList<>();
    ByteBuf rest = Unpooled.wrappedBuffer(stream.toByteArray());
    while (rest.isReadable()) {
      int length = PacketLength.at(rest, rest.readerIndex(), rest.readableBytes());
      assertThat(length).as("a torn packet").isBetween(20, MTU);
      arrived.add(ByteBufUtil.getBytes(rest.readSlice(length)));
    }
    assertThat(arrived).hasSize((int) taken);
    int last = -1;
    for (byte[] packet : arrived) {
      int number = Unpooled.wrappedBuffer(packet).getInt(16);
      assertThat(number).isGreaterThan(last);
      assertThat(packet).isEqualTo(sent.get(number));
      last = number;
    }
    writeAndFlush(Packets.numbered(count, 1280));
    assertThat(SocketPair.read(pair.go())).isEqualTo(Packets.numbered(count, 1280));
  }

  @Test
  void whoCanWaitIsToldWhenToAndWhenNoMore() {
    int written = 0;
    while (onLoop(pipe::isWritable) && written < 100_000) {
      onLoop(
          () -> {
            for (int i = 0; i < 20; i++) {
              pipe.write(Unpooled.copiedBuffer(Packets.numbered(1, 1280)), MTU);
            }
            pipe.flush();
            return pipe;
          });
      written += 20;
    }
    assertThat(onLoop(pipe::isWritable)).isFalse();
    // There is room for what cannot wait.
    writeAndFlush(Packets.numbered(2, 1280));
    assertThat(counters().droppedFull()).isZero();
    heard.clear();
    await()
        .pollInterval(1, TimeUnit.MILLISECONDS)
        .until(
            () -> {
              SocketPair.read(pair.go());
              return heard.contains("writability");
            });
    assertThat(onLoop(pipe::isWritable)).isTrue();
  }

  @Test
  void whatWouldBreakTheFramingIsDropped() {
    writeAndFlush(new byte[] {0x45, 0, 0});
    writeAndFlush(new byte[0]);
    byte[] longer = Packets.numbered(1, 100);
    Unpooled.wrappedBuffer(longer).setShort(2, 99);
    writeAndFlush(longer);
    writeAndFlush(Packets.numbered(1, MTU + 1));
    assertThat(counters().droppedInvalid()).isEqualTo(4);
    writeAndFlush(Packets.numbered(1, MTU));
    assertThat(SocketPair.read(pair.go())).isEqualTo(Packets.numbered(1, MTU));
  }

  @Test
  void lostSyncClosesThePipe() {
    SocketPair.write(pair.go(), join(List.of(Packets.numbered(1, 60), new byte[] {0x15, 1, 2})));
    await().until(() -> heard.contains("lost sync"));
    assertThat(received).containsExactly(Packets.numbered(1, 60));
    await().until(() -> SocketPair.atEnd(pair.go()));
    writeAndFlush(Packets.numbered(1, 60));
    assertThat(counters().droppedDown()).isEqualTo(1);
    assertThat(heard).doesNotContain("closed by Go");
  }

  @Test
  void packetsBeforeTheEndOfTheStreamStillArrive() {
    SocketPair.write(pair.go(), join(List.of(Packets.numbered(1, 60), Packets.numbered(2, 60))));
    closeGo();
    await().until(() -> heard.contains("closed by Go"));
    assertThat(received).containsExactly(Packets.numbered(1, 60), Packets.numbered(2, 60));
    assertThat(heard).filteredOn("closed by Go"::equals).hasSize(1);
  }

  @Test
  void anEndWithUnreadBytesIsAnEndLikeAnyOther() {
    writeAndFlush(Packets.numbered(1, 60));
    closeGo();
    await().until(() -> heard.contains("closed by Go"));
    writeAndFlush(Packets.numbered(1, 60));
    assertThat(counters().droppedDown()).isEqualTo(1);
  }

  @Test
  void aReceiverThatThrowsLosesItsPacketOnly() {
    SocketPair.write(
        pair.go(), join(List.of(Packets.numbered(Receiver.POISON, 60), Packets.numbered(2, 60))));
    await().until(() -> heard.contains("batch"));
    assertThat(heard).contains("receiver failed: java.lang.IllegalStateException: poison");
    assertThat(received).containsExactly(Packets.numbered(2, 60));
  }

  @Test
  void aLoopThatIsShuttingDownClosesTheDescriptor() {
    EventLoopGroup dead = new EpollEventLoopGroup(1);
    dead.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    SocketPair late = SocketPair.open();
    PacketPipe.adopt(dead.next(), late.java(), meter, null, new Owner());
    assertThat(SocketPair.atEnd(late.go())).isTrue();
    SocketPair.close(late.go());
  }

  private LinkCounters counters() {
    return meter.read(new JsonObject());
  }

  private void closeGo() {
    if (!goClosed) {
      goClosed = true;
      SocketPair.close(pair.go());
    }
  }

  private void flush() {
    onLoop(
        () -> {
          pipe.flush();
          return pipe;
        });
  }

  private void writeAndFlush(byte[] packet) {
    onLoop(
        () -> {
          pipe.write(Unpooled.copiedBuffer(packet), MTU);
          return pipe;
        });
    flush();
  }

  private <T> T onLoop(Callable<T> task) {
    return loop.submit(task).syncUninterruptibly().getNow();
  }

  private static byte[] join(List<byte[]> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private final class Receiver implements PacketReceiver {
    static final int POISON = 666;

    @Override
    public void packet(ByteBuf packet) {
      byte[] bytes = ByteBufUtil.getBytes(packet);
      packet.release();
      if (Unpooled.wrappedBuffer(bytes).getInt(16) == POISON) {
        throw new IllegalStateException("poison");
      }
      received.add(bytes);
      heard.add("packet");
    }

    @Override
    public void batchComplete() {
      heard.add("batch");
    }

    @Override
    public void writabilityChanged() {
      heard.add("writability");
    }
  }

  private final class Owner implements PacketPipe.Owner {
    @Override
    public void lostSync() {
      heard.add("lost sync");
    }

    @Override
    public void closedByGo() {
      heard.add("closed by Go");
    }

    @Override
    public void receiverFailed(RuntimeException e) {
      heard.add("receiver failed: " + e);
    }
  }
}
