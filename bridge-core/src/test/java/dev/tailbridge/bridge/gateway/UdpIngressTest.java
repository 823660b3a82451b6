package dev.tailbridge.bridge.gateway;

import static dev.tailbridge.bridge.gateway.GatewayRig.LIMITS;
import static dev.tailbridge.bridge.gateway.GatewayRig.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.testing.NoBufferLeaks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Datagrams of callers of this host, and a machine in the tunnel. */
@ExtendWith(NoBufferLeaks.class)
class UdpIngressTest {

  private static final int TARGET = 69;

  private GatewayRig rig;
  private HostPort caller;
  private MachinePort machine;
  private UdpIngress rule;

  @BeforeEach
  void start() throws Exception {
    rig = new GatewayRig();
    caller = new HostPort();
    machine = new MachinePort(rig, TARGET);
  }

  @AfterEach
  void stop() throws Exception {
    rule.close();
    caller.close();
    rig.close();
  }

  private UdpIngress rule(GatewayLimits limits, InetSocketAddress listen) {
    return new UdpIngress(
        "ingress", listen, new InetSocketAddress(GatewayRig.MACHINE, TARGET), limits, rig.loop());
  }

  private void begin(GatewayLimits limits) throws Exception {
    rule = rule(limits, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    rig.attach(rule);
  }

  private MachinePort.Heard heard(int count) {
    until(() -> machine.heard.size() == count);
    return machine.heard.get(count - 1);
  }

  @Test
  void eachCallerIsAPortOfOursAndHearsItsOwnAnswers() throws Exception {
    begin(LIMITS);
    try (HostPort other = new HostPort()) {
      caller.send("one", rule.address());
      MachinePort.Heard one = heard(1);
      other.send("two", rule.address());
      MachinePort.Heard two = heard(2);
      caller.send("three", rule.address());
      assertThat(heard(3)).isEqualTo(new MachinePort.Heard("three", one.from()));
      assertThat(one.from().getAddress()).isEqualTo(GatewayRig.OURS);
      assertThat(two.from()).isNotEqualTo(one.from());
      machine.send("for the second", two.from());
      machine.send("for the first", one.from());
      var first = caller.next();
      assertThat(HostPort.text(first)).isEqualTo("for the first");
      assertThat(HostPort.sender(first)).isEqualTo(rule.address());
      assertThat(HostPort.text(other.next())).isEqualTo("for the second");
    }
    assertThat(rule.traffic()).isEqualTo(new Traffic.Snapshot(2, 2, 0, 0, 0, 0, 0, 11, 27));
  }

  /** Nothing of a stranger in the tunnel, and nothing of the rule itself, reaches a caller. */
  @Test
  void nobodyButTheTargetIsHeard() throws Exception {
    begin(LIMITS);
    caller.send("question", rule.address());
    InetSocketAddress flow = heard(1).from();
    new MachinePort(rig, TARGET + 1).send("forged", flow);
    machine.send("answer", flow);
    assertThat(HostPort.text(caller.next())).isEqualTo("answer");
    assertThat(rule.traffic().dropped()).isEqualTo(1);
  }

  @Test
  void aClosedPortOfTheTargetEndsTheFlow() throws Exception {
    begin(LIMITS);
    machine.close();
    caller.send("anybody?", rule.address());
    until(() -> rule.traffic().failed() == 1 && rule.traffic().open() == 0);
    machine = new MachinePort(rig, TARGET);
    caller.send("again", rule.address());
    assertThat(heard(1).text()).isEqualTo("again");
  }

  @Test
  void ofTooManyFlowsTheOldestGivesWayAndItsPortIsClosed() throws Exception {
    begin(new GatewayLimits(1, Duration.ofSeconds(5), Duration.ofMinutes(2)));
    caller.send("one", rule.address());
    InetSocketAddress first = heard(1).from();
    try (HostPort other = new HostPort()) {
      other.send("two", rule.address());
      machine.send("answer", heard(2).from());
      assertThat(HostPort.text(other.next())).isEqualTo("answer");
    }
    machine.send("too late", first);
    until(() -> !machine.unreachable.isEmpty());
    assertThat(machine.unreachable).containsExactly(first);
    assertThat(rule.traffic().displaced()).isEqualTo(1);
  }

  @Test
  void whatTheTunnelCannotCarryIsDroppedAndCounted() throws Exception {
    begin(LIMITS);
    caller.send("x".repeat(1393), rule.address());
    caller.send("y".repeat(3000), rule.address());
    caller.send("x".repeat(1392), rule.address());
    assertThat(heard(1).text()).hasSize(1392);
    assertThat(rule.traffic().dropped()).isEqualTo(2);
    assertThat(rule.traffic().bytesToTarget()).isEqualTo(1392);
  }

  @Test
  void withoutItsTunnelNothingIsPassedOn() throws Exception {
    begin(LIMITS);
    caller.send("one", rule.address());
    InetSocketAddress before = heard(1).from();
    rig.loop().submit(() -> rule.tunnelEnds(rig)).get();
    assertThat(rule.traffic().open()).isZero();
    caller.send("lost", rule.address());
    until(() -> rule.traffic().dropped() == 1);
    rig.loop().submit(() -> rule.tunnelBegan(rig)).get();
    caller.send("two", rule.address());
    assertThat(heard(2).text()).isEqualTo("two");
    assertThat(heard(2).from()).isNotEqualTo(before);
  }

  @Test
  void theEndOfTheRuleFreesThePort() throws Exception {
    begin(LIMITS);
    caller.send("one", rule.address());
    heard(1);
    InetSocketAddress address = rule.address();
    UdpIngress second = rule(LIMITS, address);
    assertThatThrownBy(second::begin)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Address already in use");
    rule.close();
    until(() -> rule.traffic().open() == 0);
    rule = second;
    rig.attach(rule);
    caller.send("two", address);
    heard(2);
  }
}
