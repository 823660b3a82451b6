package dev.tailbridge.bridge.service;

import static dev.tailbridge.bridge.service.DnsBytes.A;
import static dev.tailbridge.bridge.service.DnsBytes.question;
import static dev.tailbridge.bridge.service.DnsBytes.response;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.host.BridgeHost;
import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Names by TCP, asked by a device with a stack of its own. */
@ExtendWith(NoBufferLeaks.class)
class DnsStreamTest {

  private static final Inet4Address BRIDGE = ServiceBench.address(ServiceBench.BRIDGE);
  private static final Inet4Address DEVICE = ServiceBench.address(ServiceBench.DEVICE);

  private final EmbeddedChannel owner = new EmbeddedChannel();
  private final List<ForwardDrop> refused = new ArrayList<>();

  /** Everything has ninety addresses. */
  private final NameSource names =
      (question, answer) -> {
        DnsBytes many = response(0, question.name(), A);
        for (int i = 0; i < 90; i++) {
          many.record(A, 100, 64, 0, i);
        }
        answer.accept(NameAnswer.read(many.bytes()));
      };

  private final BridgeHost host =
      new BridgeHost(
          BRIDGE,
          DEVICE,
          new Link(this::toDevice),
          StackConfig.device(1420),
          List.of(new DnsService(names, System::nanoTime)),
          (reason, asker, asked) -> refused.add(reason),
          ServiceBench.faces());

  private final Stack device = new Stack(new Link(this::toBridge), List.of(DEVICE));

  private void toDevice(ByteBuf packet) {
    device.packet(packet);
    device.batchComplete();
  }

  private void toBridge(ByteBuf packet) {
    host.packet(packet);
    host.batchComplete();
  }

  private final class Link implements PacketLink {
    private final Consumer<ByteBuf> to;

    Link(Consumer<ByteBuf> to) {
      this.to = to;
    }

    @Override
    public EventLoop eventLoop() {
      return owner.eventLoop();
    }

    @Override
    public int mtu() {
      return 1420;
    }

    @Override
    public void write(ByteBuf packet) {
      owner.eventLoop().execute(() -> to.accept(packet));
    }

    @Override
    public void flush() {}

    @Override
    public void receiver(PacketReceiver receiver) {
      throw new UnsupportedOperationException();
    }
  }

  private final ByteBuf received = Unpooled.buffer();

  @AfterEach
  void close() {
    host.close();
    device.close();
    run();
    owner.finishAndReleaseAll();
  }

  private void run() {
    while (owner.hasPendingTasks()) {
      owner.runPendingTasks();
    }
  }

  private ChannelFuture call() {
    ChannelFuture call =
        new Bootstrap()
            .group(owner.eventLoop())
            .disableResolver()
            .channelFactory(() -> new TcpChannel(device))
            .handler(
                new SimpleChannelInboundHandler<ByteBuf>() {
                  @Override
                  protected void channelRead0(ChannelHandlerContext ctx, ByteBuf data) {
                    received.writeBytes(data);
                  }
                })
            .connect(new InetSocketAddress(BRIDGE, 53));
    run();
    return call;
  }

  private void send(Channel channel, byte... bytes) {
    channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
    run();
  }

  private static byte[] framed(byte[] message) {
    ByteBuf framed = Unpooled.buffer().writeShort(message.length).writeBytes(message);
    return Arrays.copyOf(framed.array(), framed.readableBytes());
  }

  private String answer() {
    byte[] message = new byte[received.readUnsignedShort()];
    received.readBytes(message);
    return DnsBytes.text(message);
  }

  @Test
  void severalQuestionsInAnyPiecesAndWholeAnswers() {
    ChannelFuture call = call();
    assertThat(call.isSuccess()).isTrue();
    byte[] first = framed(question(1, "desk", A).bytes());
    send(call.channel(), Arrays.copyOf(first, 1));
    send(call.channel(), Arrays.copyOfRange(first, 1, first.length));
    send(call.channel(), framed(question(2, "hall", A).bytes()));
    assertThat(answer()).startsWith("1 rcode 0 desk. 1:").endsWith("64400059");
    assertThat(answer()).startsWith("2 rcode 0 hall. 1:").endsWith("64400059").doesNotContain("TC");
    assertThat(received.isReadable()).isFalse();
    assertThat(call.channel().isOpen()).isTrue();
    assertThat(refused).isEmpty();
  }

  @Test
  void whatIsNoQuestionEndsTheConnection() {
    ChannelFuture call = call();
    send(call.channel(), framed(response(0, "desk", A).bytes()));
    assertThat(call.channel().isOpen()).isFalse();
    ChannelFuture another = call();
    send(another.channel(), (byte) 0xff, (byte) 0xff, (byte) 1);
    assertThat(another.channel().isOpen()).as("longer than any question").isFalse();
    assertThat(refused).containsExactly(ForwardDrop.BAD_QUESTION, ForwardDrop.BAD_QUESTION);
    assertThat(received.isReadable()).isFalse();
  }

  @Test
  void aFifthConnectionIsRefusedUntilOneEnds() {
    List<ChannelFuture> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      calls.add(call());
    }
    assertThat(calls).allMatch(ChannelFuture::isSuccess);
    assertThat(call().cause()).isNotNull();
    assertThat(refused).containsExactly(ForwardDrop.TOO_MANY_QUESTIONS);
    calls.get(0).channel().close();
    run();
    assertThat(call().isSuccess()).isTrue();
  }
}
