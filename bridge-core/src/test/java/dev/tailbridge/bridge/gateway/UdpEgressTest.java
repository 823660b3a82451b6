package dev.tailbridge.bridge.gateway;

import static dev.tailbridge.bridge.gateway.GatewayRig.LIMITS;
import static dev.tailbridge.bridge.gateway.GatewayRig.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.NoBufferLeaks;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Datagrams of callers in the tunnel, and a host on the ordinary network. */
@ExtendWith(NoBufferLeaks.class)
class UdpEgressTest {

  private static final int PORT = 5353;
  private static final InetSocketAddress CALLED = new InetSocketAddress(GatewayRig.OURS, PORT);

  private final CountDownLatch resolved = new CountDownLatch(1);
  private final AddressLookup names = new AddressLookup(this::lookUp);
  private GatewayRig rig;
  private HostPort host;
  private MachinePort caller;
  private UdpEgress rule;

  private List<InetAddress> lookUp(String name) throws UnknownHostException {
    try {
      resolved.await();
    } catch (InterruptedException e) {
      throw new UnknownHostException("interrupted");
    }
    if (name.startsWith("nowhere")) {
      throw new UnknownHostException(name + " has no address");
    }
    return List.of(InetAddress.getLoopbackAddress());
  }

  @BeforeEach
  void start() throws Exception {
    rig = new GatewayRig();
    host = new HostPort();
    caller = new MachinePort(rig, 40000);
  }

  @AfterEach
  void stop() throws Exception {
    resolved.countDown();
    rule.close();
    names.close();
    host.close();
    rig.close();
  }

  private void begin(String target, GatewayLimits limits) throws Exception {
    rule = new UdpEgress("egress", PORT, target, host.port(), limits, names);
    rig.attach(rule);
  }

  @Test
  void eachCallerIsAPortOfThisMachineAndHearsItsOwnAnswers() throws Exception {
    begin("127.0.0.1", LIMITS);
    MachinePort other = new MachinePort(rig, 40001);
    caller.send("one", CALLED);
    DatagramPacket one = host.next();
    other.send("two", CALLED);
    DatagramPacket two = host.next();
    caller.send("three", CALLED);
    DatagramPacket three = host.next();
    assertThat(List.of(HostPort.text(one), HostPort.text(two), HostPort.text(three)))
        .containsExactly("one", "two", "three");
    assertThat(three.getPort()).isEqualTo(one.getPort()).isNotEqualTo(two.getPort());
    host.send("for the second", HostPort.sender(two));
    host.send("for the first", HostPort.sender(one));
    until(() -> caller.heard.size() == 1 && other.heard.size() == 1);
    assertThat(caller.heard).containsExactly(new MachinePort.Heard("for the first", CALLED));
    assertThat(other.heard).containsExactly(new MachinePort.Heard("for the second", CALLED));
    assertThat(rule.traffic()).isEqualTo(new Traffic.Snapshot(2, 2, 0, 0, 0, 0, 0, 11, 27));
  }

  @Test
  void whatComesWhileTheNameIsLookedUpWaits() throws Exception {
    begin("host.example.net", LIMITS);
    for (int i = 0; i < 10; i++) {
      caller.send("number " + i, CALLED);
    }
    resolved.countDown();
    for (int i = 0; i < 8; i++) {
      assertThat(HostPort.text(host.next())).isEqualTo("number " + i);
    }
    assertThat(rule.traffic().dropped()).isEqualTo(2);
  }

  @Test
  void aHostThatRefusesIsAPortThatRefuses() throws Exception {
    begin("127.0.0.1", LIMITS);
    host.close();
    caller.send("anybody?", CALLED);
    until(() -> !caller.unreachable.isEmpty());
    assertThat(caller.unreachable).containsExactly(CALLED);
    assertThat(rule.traffic().failed()).isEqualTo(1);
    assertThat(rule.traffic().open()).isZero();
  }

  @Test
  void aNameThatNobodyKnowsRefuses() throws Exception {
    resolved.countDown();
    begin("nowhere.example.net", LIMITS);
    caller.send("anybody?", CALLED);
    until(() -> !caller.unreachable.isEmpty());
    assertThat(rule.traffic().failed()).isEqualTo(1);
    assertThat(rule.traffic().open()).isZero();
  }

  /** The failure is there before the first datagram is even kept. */
  @Test
  void aNameThatCannotBeLookedUpNowRefuses() throws Exception {
    names.close();
    begin("host.example.net", LIMITS);
    caller.send("anybody?", CALLED);
    until(() -> !caller.unreachable.isEmpty());
    assertThat(rule.traffic().failed()).isEqualTo(1);
    assertThat(rule.traffic().open()).isZero();
  }

  @Test
  void nobodyButTheHostIsHeard() throws Exception {
    begin("127.0.0.1", LIMITS);
    caller.send("question", CALLED);
    InetSocketAddress flow = HostPort.sender(host.next());
    try (HostPort stranger = new HostPort()) {
      stranger.send("forged", flow);
      host.send("answer", flow);
      until(() -> !caller.heard.isEmpty());
    }
    assertThat(caller.texts()).containsExactly("answer");
  }

  @Test
  void ofTooManyFlowsTheOldestGivesWay() throws Exception {
    begin("127.0.0.1", new GatewayLimits(1, Duration.ofSeconds(5), Duration.ofMinutes(2)));
    caller.send("one", CALLED);
    host.next();
    MachinePort other = new MachinePort(rig, 40001);
    other.send("two", CALLED);
    host.send("answer", HostPort.sender(host.next()));
    until(() -> !other.heard.isEmpty());
    assertThat(rule.traffic().displaced()).isEqualTo(1);
    assertThat(rule.traffic().open()).isEqualTo(1);
  }

  @Test
  void anAnswerThatTheTunnelCannotCarryIsDroppedAndCounted() throws Exception {
    begin("127.0.0.1", LIMITS);
    caller.send("question", CALLED);
    InetSocketAddress flow = HostPort.sender(host.next());
    host.send("x".repeat(2000), flow);
    host.send("small", flow);
    until(() -> !caller.heard.isEmpty());
    assertThat(caller.texts()).containsExactly("small");
    assertThat(rule.traffic().dropped()).isEqualTo(1);
  }

  @Test
  void aCallerThatHasGoneEndsItsFlow() throws Exception {
    begin("127.0.0.1", LIMITS);
    caller.send("question", CALLED);
    InetSocketAddress flow = HostPort.sender(host.next());
    caller.close();
    host.send("too late", flow);
    until(() -> rule.traffic().open() == 0);
  }

  @Test
  void theEndOfTheRuleClosesThePort() throws Exception {
    begin("127.0.0.1", LIMITS);
    caller.send("question", CALLED);
    host.next();
    rule.close();
    until(() -> rule.traffic().open() == 0);
    caller.send("anybody?", CALLED);
    until(() -> !caller.unreachable.isEmpty());
    assertThat(rule.traffic().opened()).isEqualTo(1);
  }
}
