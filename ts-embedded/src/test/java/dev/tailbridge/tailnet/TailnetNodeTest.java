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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a node does from its start to its stop, and what it can be asked. */
final class TailnetNodeTest extends TailnetNodeRig {

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
    first.get(30, TimeUnit.SECONDS);
    second.get(30, TimeUnit.SECONDS);
    node.stop().get(30, TimeUnit.SECONDS);
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
    stopped.get(30, TimeUnit.SECONDS);
    await().until(() -> SocketPair.atEnd(packets.go()));
    assertThat(listener.ends).isEmpty();
  }

  @Test
  void aStopThatGoRefusesIsToldAndStillEndsTheNode() throws Exception {
    SocketPair packets = startNode();
    CompletableFuture<Void> stopped = node.stop();
    go.answer(go.expect(RequestType.STOP), "{\"error\":\"stuck\"}");
    assertThatThrownBy(() -> stopped.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RequestFailedException.class)
        .hasMessageContaining("stop of greenhouse: stuck");
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
    assertThat(whois.get(30, TimeUnit.SECONDS))
        .isEqualTo(new Whois("alice@example.net", "laptop", List.of()));

    var ping = node.ask().ping(InetAddress.getByName("100.64.0.9"), Ping.Type.TSMP);
    asked = go.expect(RequestType.PING);
    assertThat(asked.body().toString())
        .isEqualTo("{\"node\":1,\"ip\":\"100.64.0.9\",\"type\":\"TSMP\"}");
    go.answer(asked, "{\"latencySeconds\":0.004,\"endpoint\":\"\",\"derp\":\"lab\"}");
    assertThat(ping.get(30, TimeUnit.SECONDS)).isEqualTo(new Ping(0.004, "", "lab"));

    var dns = node.ask().queryDns("laptop.ts.example", "A");
    go.answer(go.expect(RequestType.QUERY_DNS), "{\"answer\":\"AAEC\"}");
    assertThat(dns.get(30, TimeUnit.SECONDS)).containsExactly(0, 1, 2);

    var badDns = node.ask().queryDns("laptop.ts.example", "A");
    go.answer(go.expect(RequestType.QUERY_DNS), "{\"answer\":\"*\"}");
    assertThatThrownBy(() -> badDns.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RequestFailedException.class);

    var peers = node.ask().peers();
    go.answer(
        go.expect(RequestType.STATUS),
        "{\"peerList\":[{\"name\":\"b.ts.example.\",\"ips\":[\"100.64.0.9\"],\"online\":true,"
            + "\"direct\":\"1.2.3.4:5\",\"relay\":\"lab\",\"rxBytes\":12345678901,\"txBytes\":2}]}");
    assertThat(peers.get(30, TimeUnit.SECONDS))
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
    off.get(30, TimeUnit.SECONDS);

    var logout = node.ask().logout();
    go.answer(go.expect(RequestType.LOGOUT), "{}");
    logout.get(30, TimeUnit.SECONDS);

    var certificate = node.ask().certificate("greenhouse.ts.example");
    go.answer(go.expect(RequestType.CERTIFICATE), "{\"certPem\":\"c\",\"keyPem\":\"k\"}");
    assertThat(certificate.get(30, TimeUnit.SECONDS)).isEqualTo(new Certificate("c", "k"));
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
