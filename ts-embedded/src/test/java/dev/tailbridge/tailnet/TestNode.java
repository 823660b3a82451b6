package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.netstack.PacketReceiver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;

/** A node of a test, with what it received. */
final class TestNode {

  final RecordingListener listener = new RecordingListener();
  final List<byte[]> packets = new CopyOnWriteArrayList<>();
  final TailnetNode node;

  private TestNode(Tailnet tailnet, NodeConfig config, EventLoop loop) {
    node = tailnet.start(config, loop, listener);
    loop.execute(() -> node.receiver(new Collector()));
  }

  static TestNode start(
      Tailnet tailnet, Lab control, Path directory, String name, String authKey, EventLoop loop) {
    return start(tailnet, control.controlUrl(), directory, name, authKey, loop);
  }

  static TestNode start(
      Tailnet tailnet,
      String controlUrl,
      Path directory,
      String name,
      String authKey,
      EventLoop loop) {
    NodeConfig config =
        new NodeConfig(
            name,
            directory.resolve(name),
            name,
            controlUrl,
            new Credential.AuthKey(authKey),
            List.of(),
            false);
    // Unlike real ones, the lab's control plane wants the key of a known machine too.
    return new TestNode(tailnet, config.withLogin(true), loop);
  }

  TestNode awaitReady() {
    Awaitility.await(node + " is ready")
        .atMost(Duration.ofSeconds(30))
        .failFast(() -> assertThat(listener.ends).isEmpty())
        .until(() -> node.status().ready());
    return this;
  }

  InetAddress address() {
    return node.status().addresses().stream()
        .filter(Inet4Address.class::isInstance)
        .findFirst()
        .orElseThrow();
  }

  void write(byte[] packet) {
    node.eventLoop()
        .execute(
            () -> {
              node.write(Unpooled.copiedBuffer(packet));
              node.flush();
            });
  }

  void sendUdp(TestNode to, int port, String text) {
    write(
        new Udp(
                new InetSocketAddress(address(), 40_000),
                new InetSocketAddress(to.address(), port),
                text)
            .packet());
  }

  /** Sends until the other has it: UDP may be lost, before the first handshake above all. */
  Udp exchange(TestNode to, int port, String text) {
    return Awaitility.await(node + " to " + to.node + ": " + text)
        .pollInterval(Duration.ofMillis(100))
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              Udp seen = to.received(text);
              if (seen == null) {
                sendUdp(to, port, text);
              }
              return seen;
            },
            seen -> seen != null);
  }

  private Udp received(String text) {
    for (byte[] packet : packets) {
      Udp udp = Udp.parse(packet);
      if (udp != null && udp.text().equals(text)) {
        return udp;
      }
    }
    return null;
  }

  private final class Collector implements PacketReceiver {
    @Override
    public void packet(ByteBuf packet) {
      packets.add(ByteBufUtil.getBytes(packet));
      packet.release();
    }

    @Override
    public void batchComplete() {}
  }
}
