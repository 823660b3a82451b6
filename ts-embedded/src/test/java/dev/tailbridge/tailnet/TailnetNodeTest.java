package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.tailnet.control.FakeGo;
import dev.tailbridge.tailnet.control.RequestFailedException;
import dev.tailbridge.tailnet.control.RequestType;
import dev.tailbridge.tailnet.control.SocketPair;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a double of the Go end: what a node does in every order of things. */
final class TailnetNodeTest {

  private final EventLoopGroup group = new EpollEventLoopGroup(3);
  private final EventLoopGroup nodeGroup = new EpollEventLoopGroup(1);
  private final EventLoop loop = nodeGroup.next();
  private final FakeGo go = new FakeGo(group.next());
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private final CompletableFuture<Boolean> shutdown = new CompletableFuture<>();
  private final RecordingListener listener = new RecordingListener();
  private final Tailnet tailnet =
      Tailnet.over(
          new FakeEngine(go.controlDescriptor(), shutdown),
          group.next(),
          (node, level, text) -> log.add(node + " " + level + " " + text));
  private final TailnetNode node =
      tailnet.start(config("greenhouse", new Credential.AuthKey("k1")), loop, listener);

  @AfterEach
  void end() {
    go.close();
    nodeGroup.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void packetsPassBothWaysOnceStarted() throws Exception {
    List<byte[]> received = Collections.synchronizedList(new ArrayList<>());
    loop.submit(() -> node.receiver(collector(received))).sync();
    write(Packets.numbered(0, 60));
    assertThat(node.status().packets().droppedDown()).as("not up yet").isEqualTo(1);

    SocketPair packets = startNode();
    SocketPair.write(packets.go(), Packets.numbered(1, 90));
    await().until(() -> received.size() == 1);
    assertThat(received.get(0)).isEqualTo(Packets.numbered(1, 90));
    write(Packets.numbered(2, 91));
    assertThat(SocketPair.read(packets.go())).isEqualTo(Packets.numbered(2, 91));
    assertThat(node.mtu()).isEqualTo(1280);
    assertThat(node.eventLoop()).isSameAs(loop);
  }

  @Test
  void aLostControlPairIsTold() throws Exception {
    startNode();
    assertThat(tailnet.lost()).isNotDone();
    go.close();
    assertThat(tailnet.lost().get(10, TimeUnit.SECONDS)).isNotEmpty();
    await().until(() -> node.status().ended());
  }

  @Test
  void aStreamThatNoLongerParsesIsALostPair() throws Exception {
    go.sendRaw(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1});
    assertThat(tailnet.lost().get(10, TimeUnit.SECONDS)).isNotEmpty();
    await().until(go::isClosedByJava);
  }

  @Test
  void aPairThatWasClosedIsNotLost() throws Exception {
    startNode();
    CompletableFuture<Boolean> closed = tailnet.close(Duration.ofSeconds(1));
    shutdown.complete(true);
    assertThat(closed.get(10, TimeUnit.SECONDS)).isTrue();
    await().until(go::isClosedByJava);
    assertThat(tailnet.lost()).isNotDone();
  }

  @Test
  void theStartRequestSaysWhatWasConfigured() throws Exception {
    FakeGo.Request start = go.expect(RequestType.START);
    assertThat(start.body().toString())
        .isEqualTo(
            "{\"node\":1,\"name\":\"greenhouse\",\"dir\":\"/nodes/greenhouse\","
                + "\"hostname\":\"greenhouse\",\"controlUrl\":\"http://control.example\","
                + "\"authKey\":\"k1\",\"tags\":[\"tag:esp32\"],\"ephemeral\":false,\"login\":false,\"port\":0}");
    tailnet.start(
        new NodeConfig(
            "b",
            Path.of("/nodes/b"),
            "bb",
            null,
            new Credential.ClientSecret("s"),
            List.of("tag:x"),
            true,
            true),
        loop,
        listener);
    assertThat(go.expect(RequestType.START).body().toString())
        .isEqualTo(
            "{\"node\":2,\"name\":\"b\",\"dir\":\"/nodes/b\",\"hostname\":\"bb\","
                + "\"clientSecret\":\"s\",\"tags\":[\"tag:x\"],\"ephemeral\":true,\"login\":true,\"port\":0}");
  }

  @Test
  void aStatusEventBecomesASnapshotOnTheNodesLoop() throws Exception {
    assertThat(node.status().state()).isEqualTo(NodeState.NO_STATE);
    startNode();
    go.status(
        """
        {"node":1,"state":"Running","ready":true,"authUrl":"","nodeId":"n7",
         "dnsName":"greenhouse.ts.example.",
         "ips":["100.64.0.7","fd7a:115c:a1e0::7","nonsense"],"derpHome":"lab",
         "health":["clock is off"],"keyExpiry":"2027-01-02T03:04:05Z","peers":4,"error":"",
         "packets":{"toJavaDropped":5,"fromJavaBad":6}}
        """);
    await().until(() -> !listener.statuses.isEmpty());
    NodeStatus status = node.status();
    assertThat(status).isEqualTo(listener.statuses.get(0));
    assertThat(status.state()).isEqualTo(NodeState.RUNNING);
    assertThat(status.ready()).isTrue();
    assertThat(status.nodeId()).isEqualTo("n7");
    assertThat(status.dnsName()).isEqualTo("greenhouse.ts.example");
    assertThat(status.addresses())
        .containsExactly(
            InetAddress.getByName("100.64.0.7"), InetAddress.getByName("fd7a:115c:a1e0::7"));
    assertThat(status.health()).containsExactly("clock is off");
    assertThat(status.keyExpiry()).isEqualTo(Instant.parse("2027-01-02T03:04:05Z"));
    assertThat(status.peers()).isEqualTo(4);
    assertThat(status.packets().goDroppedFull()).isEqualTo(5);
    assertThat(status.packets().goBad()).isEqualTo(6);
    assertThat(loop.submit(() -> Thread.currentThread().getName()).get())
        .isEqualTo(listener.threads.get(0));
  }

  @Test
  void aStatusOfNullsAndRubbishIsAnEmptyOne() throws Exception {
    startNode();
    go.status(
        "{\"node\":1,\"state\":\"Dreaming\",\"ips\":null,\"health\":7,\"keyExpiry\":\"soon\","
            + "\"peers\":\"many\",\"packets\":null}");
    await().until(() -> !listener.statuses.isEmpty());
    NodeStatus status = node.status();
    assertThat(status.state()).isEqualTo(NodeState.NO_STATE);
    assertThat(status.addresses()).isEmpty();
    assertThat(status.keyExpiry()).isNull();
    assertThat(status.peers()).isZero();
  }

  @Test
  void stopClosesTheDescriptorAfterGoHasAnsweredAndIsQuiet() throws Exception {
    SocketPair packets = startNode();
    CompletableFuture<Void> first = node.stop();
    CompletableFuture<Void> second = node.stop();
    FakeGo.Request stop = go.expect(RequestType.STOP);
    assertThat(SocketPair.read(packets.go())).as("still open").isNull();
    assertThat(first).isNotDone();
    go.answer(stop, "{}");
    first.get(5, TimeUnit.SECONDS);
    second.get(5, TimeUnit.SECONDS);
    node.stop().get(5, TimeUnit.SECONDS);
    await().until(() -> SocketPair.atEnd(packets.go()));
    assertThat(go.hasRequest()).as("one stop request for all").isFalse();
    assertThat(listener.ends).isEmpty();
    assertThat(node.status().ended()).isTrue();
    assertThat(node.status().ready()).isFalse();
  }

  @Test
  void aStopWaitsForTheStart() throws Exception {
    CompletableFuture<Void> stopped = node.stop();
    FakeGo.Request start = go.expect(RequestType.START);
    loop.submit(() -> {}).sync();
    assertThat(go.hasRequest()).isFalse();
    SocketPair packets = go.answerStart(start);
    go.answer(go.expect(RequestType.STOP), "{}");
    stopped.get(5, TimeUnit.SECONDS);
    await().until(() -> SocketPair.atEnd(packets.go()));
    assertThat(listener.ends).isEmpty();
  }

  @Test
  void aStopThatGoRefusesIsToldAndStillEndsTheNode() throws Exception {
    SocketPair packets = startNode();
    CompletableFuture<Void> stopped = node.stop();
    go.answer(go.expect(RequestType.STOP), "{\"error\":\"stuck\"}");
    assertThatThrownBy(() -> stopped.get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RequestFailedException.class)
        .hasMessageContaining("stop of greenhouse: stuck");
    await().until(() -> SocketPair.atEnd(packets.go()));
  }

  @Test
  void aRefusedStartEndsTheNodeWithItsReason() throws Exception {
    go.answer(go.expect(RequestType.START), "{\"error\":\"directory is in use\"}");
    await().until(() -> !listener.ends.isEmpty());
    assertThat(listener.ends).containsExactly("start of greenhouse: directory is in use");
    assertThat(node.status().error()).isEqualTo("start of greenhouse: directory is in use");
    node.stop().get(5, TimeUnit.SECONDS);
    assertThat(go.hasRequest()).isFalse();
  }

  @Test
  void aNodeThatEndedBeforeItsStartWasAnsweredLeavesNoDescriptor() throws Exception {
    FakeGo.Request start = go.expect(RequestType.START);
    go.ended(1, "engine closed");
    await().until(() -> !listener.ends.isEmpty());
    SocketPair packets = go.answerStart(start);
    await().until(() -> SocketPair.atEnd(packets.go()));
    assertThat(listener.ends).containsExactly("engine closed");
  }

  @Test
  void aBlockingDescriptorIsRefused() throws Exception {
    FakeGo.Request start = go.expect(RequestType.START);
    SocketPair blocking = SocketPair.openBlocking();
    go.answer(start, "{\"fd\":" + blocking.java() + "}");
    go.answer(go.expect(RequestType.STOP), "{}");
    await().until(() -> !listener.ends.isEmpty());
    assertThat(listener.ends.get(0)).contains("not a non-blocking socket");
    assertThat(SocketPair.read(blocking.go())).isEmpty();
    SocketPair.close(blocking.go());
  }

  @Test
  void aNodeThatGoEndsIsToldOnceWithGosReason() throws Exception {
    SocketPair packets = startNode();
    go.closePackets(packets);
    FakeGo.Request stop = go.expect(RequestType.STOP);
    go.answer(stop, "{}");
    go.ended(1, "start of node greenhouse: permission denied");
    await().until(() -> !listener.ends.isEmpty());
    assertThat(listener.ends).containsExactly("start of node greenhouse: permission denied");
    assertThat(packets.javaClosed()).isTrue();
  }

  @Test
  void aNodeWhosePacketsEndWithoutAWordIsOverAllTheSame() throws Exception {
    go.closePackets(startNode());
    go.answer(go.expect(RequestType.STOP), "{}");
    await().until(() -> !listener.ends.isEmpty());
    assertThat(listener.ends).containsExactly("the Go library closed the node's packet descriptor");
  }

  @Test
  void lostSyncStopsTheNodeAndTellsWhy() throws Exception {
    SocketPair packets = startNode();
    SocketPair.write(packets.go(), new byte[] {1, 2, 3});
    go.expect(RequestType.STOP);
    go.ended(1, "Java closed its end");
    await().until(() -> !listener.ends.isEmpty());
    assertThat(listener.ends).singleElement().asString().contains("lost sync");
  }

  @Test
  void theEndOfTheControlPairEndsEveryNode() throws Exception {
    SocketPair packets = startNode();
    RecordingListener other = new RecordingListener();
    TailnetNode starting = tailnet.start(config("b", Credential.none()), loop, other);
    go.expect(RequestType.START);
    go.close();
    await().until(() -> !listener.ends.isEmpty() && !other.ends.isEmpty());
    assertThat(listener.ends.get(0)).contains("the control connection to the Go library is closed");
    assertThat(packets.javaClosed()).isTrue();
    starting.stop().get(5, TimeUnit.SECONDS);
    RecordingListener late = new RecordingListener();
    tailnet.start(config("c", Credential.none()), loop, late);
    await().until(() -> !late.ends.isEmpty());
  }

  @Test
  void aLoopThatShutsDownClosesTheDescriptorAndStopsTheNode() throws Exception {
    SocketPair packets = startNode();
    nodeGroup.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    assertThat(packets.javaClosed()).isTrue();
    go.answer(go.expect(RequestType.STOP), "{}");
    node.stop().get(5, TimeUnit.SECONDS);
    assertThat(listener.ends).isEmpty();
  }

  @Test
  void aDescriptorForALoopThatIsShutDownIsClosed() throws Exception {
    FakeGo.Request start = go.expect(RequestType.START);
    nodeGroup.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    SocketPair packets = go.answerStart(start);
    await().until(() -> SocketPair.atEnd(packets.go()));
  }

  @Test
  void questionsAreFrames() throws Exception {
    startNode();
    InetAddress peer = InetAddress.getByName("fd7a:115c:a1e0::9");
    var whois = node.ask().whois("tcp", new InetSocketAddress(peer, 80));
    FakeGo.Request asked = go.expect(RequestType.WHOIS);
    assertThat(asked.body().get("addr").getAsString()).isEqualTo("[fd7a:115c:a1e0::9]:80");
    go.answer(asked, "{\"login\":\"alice@example.net\",\"node\":\"laptop\",\"tags\":null}");
    assertThat(whois.get(5, TimeUnit.SECONDS))
        .isEqualTo(new Whois("alice@example.net", "laptop", List.of()));

    var ping = node.ask().ping(InetAddress.getByName("100.64.0.9"), Ping.Type.TSMP);
    asked = go.expect(RequestType.PING);
    assertThat(asked.body().toString())
        .isEqualTo("{\"node\":1,\"ip\":\"100.64.0.9\",\"type\":\"TSMP\"}");
    go.answer(asked, "{\"latencySeconds\":0.004,\"endpoint\":\"\",\"derp\":\"lab\"}");
    assertThat(ping.get(5, TimeUnit.SECONDS)).isEqualTo(new Ping(0.004, "", "lab"));

    var dns = node.ask().queryDns("laptop.ts.example", "A");
    go.answer(go.expect(RequestType.QUERY_DNS), "{\"answer\":\"AAEC\"}");
    assertThat(dns.get(5, TimeUnit.SECONDS)).containsExactly(0, 1, 2);

    var badDns = node.ask().queryDns("laptop.ts.example", "A");
    go.answer(go.expect(RequestType.QUERY_DNS), "{\"answer\":\"*\"}");
    assertThatThrownBy(() -> badDns.get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RequestFailedException.class);

    var peers = node.ask().peers();
    go.answer(
        go.expect(RequestType.STATUS),
        "{\"peerList\":[{\"name\":\"b.ts.example.\",\"ips\":[\"100.64.0.9\"],\"online\":true,"
            + "\"direct\":\"1.2.3.4:5\",\"relay\":\"lab\",\"rxBytes\":12345678901,\"txBytes\":2}]}");
    assertThat(peers.get(5, TimeUnit.SECONDS))
        .containsExactly(
            new TailnetPeer(
                "b.ts.example",
                List.of(InetAddress.getByName("100.64.0.9")),
                true,
                "1.2.3.4:5",
                "lab",
                12345678901L,
                2));

    var off = node.ask().setWantRunning(false);
    asked = go.expect(RequestType.SET_WANT_RUNNING);
    assertThat(asked.body().get("wantRunning").getAsBoolean()).isFalse();
    go.answer(asked, "{}");
    off.get(5, TimeUnit.SECONDS);

    var logout = node.ask().logout();
    go.answer(go.expect(RequestType.LOGOUT), "{}");
    logout.get(5, TimeUnit.SECONDS);

    var certificate = node.ask().certificate("greenhouse.ts.example");
    go.answer(go.expect(RequestType.CERTIFICATE), "{\"certPem\":\"c\",\"keyPem\":\"k\"}");
    assertThat(certificate.get(5, TimeUnit.SECONDS)).isEqualTo(new Certificate("c", "k"));
  }

  @Test
  void logLinesCarryTheNodesName() throws Exception {
    startNode();
    go.log("{\"node\":1,\"level\":\"info\",\"text\":\"hello\"}");
    go.log("{\"node\":0,\"level\":\"error\",\"text\":\"oh\"}");
    go.log("{\"node\":9,\"level\":\"info\",\"text\":\"late\"}");
    await().until(() -> log.size() == 3);
    assertThat(log).containsExactly("greenhouse INFO hello", " ERROR oh", "#9 INFO late");
  }

  @Test
  void closeIsQuietAndFinal() throws Exception {
    SocketPair packets = startNode();
    CompletableFuture<Boolean> closed = tailnet.close(Duration.ofSeconds(5));
    assertThat(closed).isNotDone();
    assertThatThrownBy(() -> tailnet.start(config("c", Credential.none()), loop, listener))
        .isInstanceOf(IllegalStateException.class);
    shutdown.complete(true);
    assertThat(closed.get(5, TimeUnit.SECONDS)).isTrue();
    assertThat(tailnet.close(Duration.ZERO).get(5, TimeUnit.SECONDS)).isTrue();
    await().until(go::isClosedByJava);
    await().until(() -> SocketPair.atEnd(packets.go()));
    node.stop().get(5, TimeUnit.SECONDS);
    assertThat(listener.ends).isEmpty();
  }

  private SocketPair startNode() throws Exception {
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

  private void write(byte[] packet) throws InterruptedException {
    loop.submit(
            () -> {
              node.write(Unpooled.copiedBuffer(packet));
              node.flush();
            })
        .sync();
  }

  private static NodeConfig config(String name, Credential credential) {
    return new NodeConfig(
        name,
        Path.of("/nodes", name),
        name,
        "http://control.example",
        credential,
        List.of("tag:esp32"),
        false);
  }

  private static PacketReceiver collector(List<byte[]> received) {
    return new PacketReceiver() {
      @Override
      public void packet(ByteBuf packet) {
        received.add(ByteBufUtil.getBytes(packet));
        packet.release();
      }

      @Override
      public void batchComplete() {}
    };
  }
}
