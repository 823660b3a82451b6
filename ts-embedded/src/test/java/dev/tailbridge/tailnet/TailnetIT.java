package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.tailnet.library.TailnetLibraryException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The real Go library with two nodes in one JVM, against the control plane of the lab. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TailnetIT {

  private final Tailnet tailnet = RealLibrary.tailnet();
  private Path directory;
  private Lab control;
  private TestNode a;
  private TestNode b;

  @BeforeAll
  void startTwoNodes(@TempDir Path temporary) throws Exception {
    directory = temporary;
    control = Lab.control();
    a = start("node-a", Lab.AUTH_KEY);
    b = start("node-b", Lab.AUTH_KEY);
    a.awaitReady();
    b.awaitReady();
  }

  @AfterAll
  void stop() throws Exception {
    a.node.stop().get(30, TimeUnit.SECONDS);
    b.node.stop().get(30, TimeUnit.SECONDS);
    control.close();
  }

  @Test
  void udpPassesFromNodeToNodeWithItsAddresses() {
    Udp there = a.exchange(b, 5353, "hello b");
    assertThat(there.source().getAddress()).isEqualTo(a.address());
    assertThat(there.source().getPort()).isEqualTo(40_000);
    assertThat(there.destination().getAddress()).isEqualTo(b.address());
    assertThat(there.destination().getPort()).isEqualTo(5353);
    Udp back = b.exchange(a, 5353, "hello a");
    assertThat(back.source().getAddress()).isEqualTo(b.address());
    LinkCounters counters = a.node.status().packets();
    assertThat(counters.packetsIn()).isPositive();
    assertThat(counters.packetsOut()).isPositive();
  }

  @Test
  void theStatusSaysWhoTheNodeIs() {
    await().until(() -> a.node.status().peers() >= 1);
    NodeStatus status = a.node.status();
    assertThat(status.state()).isEqualTo(NodeState.RUNNING);
    assertThat(status.dnsName()).startsWith("node-a.").doesNotEndWith(".");
    assertThat(status.addresses()).hasSizeBetween(1, 2);
    assertThat(status.derpHome()).isNotEmpty();
    assertThat(status.error()).isEmpty();
    assertThat(status.authUrl()).isEmpty();
    assertThat(status.ended()).isFalse();
  }

  @Test
  void questionsAreAnswered() throws Exception {
    a.exchange(b, 5353, "b is known and reached"); // a question is asked once
    Ping tsmp = a.node.ask().ping(b.address(), Ping.Type.TSMP).get(10, TimeUnit.SECONDS);
    assertThat(tsmp.latencySeconds()).isPositive().isLessThan(5);
    Ping disco = a.node.ask().ping(b.address(), Ping.Type.DISCO).get(10, TimeUnit.SECONDS);
    assertThat(disco.endpoint() + disco.derp()).isNotEmpty();
    Whois whois =
        a.node
            .ask()
            .whois("udp", new InetSocketAddress(b.address(), 40_000))
            .get(10, TimeUnit.SECONDS);
    assertThat(whois.node()).contains("node-b");
    assertThat(a.node.ask().peers().get(10, TimeUnit.SECONDS))
        .anySatisfy(
            peer -> {
              assertThat(peer.name()).isEqualTo(b.node.status().dnsName());
              assertThat(peer.addresses()).contains(b.address());
            });
    byte[] answer =
        a.node.ask().queryDns(b.node.status().dnsName() + ".", "A").get(10, TimeUnit.SECONDS);
    assertThat(new String(answer, StandardCharsets.ISO_8859_1))
        .contains(new String(b.address().getAddress(), StandardCharsets.ISO_8859_1));
    RuntimeStats stats = tailnet.runtimeStats().get(10, TimeUnit.SECONDS);
    assertThat(stats.nodes()).isGreaterThanOrEqualTo(2);
    assertThat(stats.goroutines()).isPositive();
    assertThat(stats.descriptors()).isPositive();
    assertThat(tailnet.version().tailscale()).isEqualTo("1.102.5");
  }

  @Test
  void aPingToTheAddressIsNotAnsweredByTheNode() {
    a.exchange(b, 5353, "b is reached"); // it pings once
    b.packets.clear();
    CompletableFuture<Ping> ping = a.node.ask().ping(b.address(), Ping.Type.ICMP);
    assertThatThrownBy(() -> ping.get(15, TimeUnit.SECONDS)).hasMessageContaining("ping of node-a");
    assertThat(b.packets).as("the echo request reached the packet link").isNotEmpty();
  }

  @Test
  void aWrongAuthKeyHurtsNobodyElse() throws Exception {
    TestNode c = start("node-c", "wrong-key-4711");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !c.node.status().error().isEmpty() || !c.listener.ends.isEmpty());
    assertThat(c.node.status().ready()).isFalse();
    assertThat(c.node.status().toString() + RealLibrary.LOG).doesNotContain("wrong-key-4711");
    a.exchange(b, 7, "still here");
    c.node.stop().get(30, TimeUnit.SECONDS);
    assertThat(a.node.status().ready()).isTrue();
  }

  @Test
  void aDirectoryThatCannotBeMadeEndsTheNodeWithTheReason() throws Exception {
    Path file = Files.createFile(directory.resolve("a-file"));
    TestNode c = TestNode.start(tailnet, control, file, "node-d", Lab.AUTH_KEY, RealLibrary.loop());
    await().atMost(Duration.ofSeconds(20)).until(() -> !c.listener.ends.isEmpty());
    assertThat(c.listener.ends).singleElement().asString().contains("a-file");
    assertThat(c.node.status().ended()).isTrue();
    c.node.stop().get(5, TimeUnit.SECONDS);
  }

  @Test
  void aNodeKeepsItsIdentityOverAStop() throws Exception {
    TestNode first = start("node-f", Lab.AUTH_KEY).awaitReady();
    var addresses = first.node.status().addresses();
    first.node.stop().get(30, TimeUnit.SECONDS);
    TestNode second = start("node-f", Lab.AUTH_KEY).awaitReady();
    assertThat(second.node.status().addresses()).isEqualTo(addresses);
    second.node.stop().get(30, TimeUnit.SECONDS);
  }

  @Test
  void twentyLivesLeaveNothingBehind() throws Exception {
    cycle(3);
    RuntimeStats before = settled();
    cycle(20);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              RuntimeStats after = tailnet.runtimeStats().get(10, TimeUnit.SECONDS);
              assertThat(after.nodes()).isEqualTo(before.nodes());
              assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + 3);
              assertThat(after.goroutines()).isLessThanOrEqualTo(before.goroutines() + 15);
            });
  }

  @Test
  void theLibraryIsOpenedOnce() {
    assertThatThrownBy(
            () ->
                Tailnet.open(RealLibrary.options(directory.resolve("native")), RealLibrary.loop()))
        .isInstanceOf(TailnetLibraryException.class)
        .hasMessageContaining("loaded already");
  }

  @Test
  void aChildProcessInheritsNoDescriptor() throws Exception {
    Process ls = new ProcessBuilder("ls", "/proc/self/fd").start();
    // Its three standard ones, and the directory it lists.
    assertThat(ls.inputReader().lines()).containsExactly("0", "1", "2", "3");
  }

  @Test
  void nothingConnectsBeyondThisMachine() throws Exception {
    List<String> inodes = new ArrayList<>();
    try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path link : links) {
        inodes.add(Files.isSymbolicLink(link) ? Files.readSymbolicLink(link).toString() : "");
      }
    }
    int connections = 0;
    for (String line : Files.readAllLines(Path.of("/proc/self/net/tcp"))) {
      String[] fields = line.strip().split(" +");
      if (inodes.contains("socket:[" + fields[9] + "]")) {
        // Addresses are in host order: 127.0.0.1 ends with 7F, and listeners have none.
        assertThat(fields[2].substring(0, 8)).as(line).matches("......7F|00000000");
        connections++;
      }
    }
    assertThat(connections).as("control and relay connections").isPositive();
    assertThat(RealLibrary.LOG).noneMatch(line -> line.contains("log.tailscale.com"));
  }

  private RuntimeStats settled() throws Exception {
    RuntimeStats[] last = {tailnet.runtimeStats().get(10, TimeUnit.SECONDS)};
    await()
        .pollInterval(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              RuntimeStats now = tailnet.runtimeStats().get(10, TimeUnit.SECONDS);
              boolean same = now.goroutines() >= last[0].goroutines() - 2;
              last[0] = now;
              return same;
            });
    return last[0];
  }

  /** Stops some while they start and some when they are ready. */
  private void cycle(int lives) throws Exception {
    for (int i = 0; i < lives; i++) {
      TestNode node = start("node-cycle", Lab.AUTH_KEY);
      if (i % 2 == 0) {
        node.awaitReady();
      }
      node.node.stop().get(30, TimeUnit.SECONDS);
      assertThat(node.listener.ends).isEmpty();
    }
  }

  private TestNode start(String name, String authKey) {
    return TestNode.start(tailnet, control, directory, name, authKey, RealLibrary.loop());
  }
}
