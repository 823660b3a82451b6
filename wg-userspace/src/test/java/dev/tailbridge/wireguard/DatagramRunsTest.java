package dev.tailbridge.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoBufferLeaks.class)
class DatagramRunsTest {

  private static final InetSocketAddress HERE = new InetSocketAddress("192.0.2.1", 1000);
  private static final InetSocketAddress THERE = new InetSocketAddress("192.0.2.2", 1000);

  private final List<Integer> refused = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private DatagramRuns runs = runs(true);

  private DatagramRuns runs(boolean segmentation) {
    return new DatagramRuns(channel, segmentation, (cause, datagrams) -> refused.add(datagrams));
  }

  @AfterEach
  void close() {
    runs.release();
    channel.finishAndReleaseAll();
  }

  /** What the kernel makes of a message. */
  private record Datagram(InetSocketAddress to, List<Byte> bytes) {}

  private static Datagram datagram(InetSocketAddress to, byte[] bytes) {
    List<Byte> list = new ArrayList<>();
    for (byte b : bytes) {
      list.add(b);
    }
    return new Datagram(to, list);
  }

  private List<List<Datagram>> flush() {
    runs.end();
    channel.flushOutbound();
    List<List<Datagram>> messages = new ArrayList<>();
    for (Object next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
      DatagramPacket message = (DatagramPacket) next;
      ByteBuf content = message.content();
      int size =
          message instanceof SegmentedDatagramPacket run
              ? run.segmentSize()
              : content.readableBytes();
      List<Datagram> cut = new ArrayList<>();
      while (content.isReadable()) {
        byte[] bytes = new byte[Math.min(size, content.readableBytes())];
        content.readBytes(bytes);
        cut.add(datagram(message.recipient(), bytes));
      }
      messages.add(cut);
      message.release();
    }
    return messages;
  }

  private void add(int count, int size, InetSocketAddress to) {
    byte[] scratch = new byte[2048];
    for (int i = 0; i < count; i++) {
      runs.add(scratch, size, to);
    }
  }

  private List<Integer> countsOfRuns() {
    return flush().stream().map(List::size).toList();
  }

  @Test
  void whatFollowsInOneSizeGoesTogetherUpTo64() {
    add(65, 160, HERE);

    assertThat(countsOfRuns()).containsExactly(64, 1);
  }

  @Test
  void noRunIsLargerThanAUdpDatagram() {
    add(64, 1452, HERE);

    assertThat(countsOfRuns()).containsExactly(45, 19);
  }

  @Test
  void aShorterDatagramEndsARunAndALongerOneBeginsAnother() {
    add(3, 160, HERE);
    add(1, 96, HERE);
    add(1, 96, HERE);
    add(1, 160, HERE);

    assertThat(countsOfRuns()).containsExactly(4, 1, 1);
  }

  @Test
  void anotherDestinationBeginsAnotherRun() {
    add(2, 160, HERE);
    add(2, 160, THERE);
    add(1, 160, HERE);

    assertThat(countsOfRuns()).containsExactly(2, 2, 1);
  }

  @Test
  void everyDatagramGoesAloneWhereTheKernelCannotCut() {
    runs = runs(false);
    add(3, 160, HERE);

    assertThat(countsOfRuns()).containsExactly(1, 1, 1);
  }

  @Test
  void everyDatagramGoesAloneOnceTheWayOutProvedUnableToCut() {
    add(2, 160, HERE);
    assertThat(countsOfRuns()).containsExactly(2);
    runs.stopSegmentation();
    add(2, 160, HERE);

    assertThat(countsOfRuns()).containsExactly(1, 1);
  }

  @Test
  void aRefusedRunIsReportedWithAllItsDatagrams() {
    channel.pipeline().addLast(new Refusal());
    add(7, 160, HERE);
    runs.end();
    channel.flushOutbound();

    assertThat(refused).containsExactly(7);
  }

  /** Any sequence of datagrams comes out as it went in, whatever is flushed when. */
  @Test
  void nothingIsLostChangedOrOvertaken() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int[] sizes = {32, 96, 160, 160, 160, 1452, 1452, 1452};
    byte[] scratch = new byte[2048];
    List<Datagram> sent = new ArrayList<>();
    List<Datagram> came = new ArrayList<>();
    InetSocketAddress to = HERE;
    int size = 160;
    for (int i = 0; i < 3000; i++) {
      if (random.nextInt(8) == 0) {
        size = sizes[random.nextInt(sizes.length)];
      }
      if (random.nextInt(20) == 0) {
        to = to.equals(HERE) ? THERE : HERE;
      }
      byte[] bytes = new byte[size];
      random.nextBytes(bytes);
      System.arraycopy(bytes, 0, scratch, 0, size);
      runs.add(scratch, size, to);
      sent.add(datagram(to, bytes));
      if (random.nextInt(300) == 0) {
        flush().forEach(came::addAll);
      }
    }
    flush().forEach(came::addAll);

    assertThat(came).as("seed %d", seed).isEqualTo(sent);
  }

  @Test
  void theSelfTestAgreesWithTheKernel() {
    assertThat(SegmentationOffload.works())
        .isEqualTo(EpollDatagramChannel.isSegmentedDatagramPacketSupported());
  }

  /** A network card that cannot do checksums. */
  private static final class Refusal extends ChannelOutboundHandlerAdapter {

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      ReferenceCountUtil.release(message);
      promise.setFailure(new IOException("refused"));
    }
  }
}
