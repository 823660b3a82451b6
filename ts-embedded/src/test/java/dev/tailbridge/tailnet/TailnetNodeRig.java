package dev.tailbridge.tailnet;

import static org.awaitility.Awaitility.await;

import dev.tailbridge.tailnet.control.FakeGo;
import dev.tailbridge.tailnet.control.RequestType;
import dev.tailbridge.tailnet.control.SocketPair;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** One node of a tailnet, over a double of the Go end. */
abstract class TailnetNodeRig {
  final EventLoopGroup group = new EpollEventLoopGroup(3);
  final EventLoopGroup nodeGroup = new EpollEventLoopGroup(1);
  final EventLoop loop = nodeGroup.next();
  final FakeGo go = new FakeGo(group.next());
  final List<String> log = Collections.synchronizedList(new ArrayList<>());
  final CompletableFuture<Boolean> shutdown = new CompletableFuture<>();
  final RecordingListener listener = new RecordingListener();
  final Tailnet tailnet =
      Tailnet.over(
          new FakeEngine(go.controlDescriptor(), shutdown),
          group.next(),
          (node, level, text) -> log.add(node + " " + level + " " + text));
  final TailnetNode node =
      tailnet.start(config("greenhouse", new Credential.AuthKey("k1")), loop, listener);

  @AfterEach
  void end() {
    go.close();
    nodeGroup.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  SocketPair startNode() throws Exception {
    SocketPair packets = go.answerStart(go.expect(RequestType.START));
    // The answer and this event pass the same loops, in this order.
    log.clear();
    await()
        .until(
            () -> {
              write(new byte[0]);
              return node.status().packets().droppedInvalid() > 0;
            });
    return packets;
  }

  void write(byte[] packet) throws InterruptedException {
    loop.submit(
            () -> {
              node.write(Unpooled.copiedBuffer(packet));
              node.flush();
            })
        .sync();
  }

  static NodeConfig config(String name, Credential credential) {
    return new NodeConfig(
        name,
        Path.of("/nodes", name),
        name,
        "http://control.example",
        credential,
        List.of("tag:esp32"),
        false);
  }
}
