package dev.tailbridge.bridge.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.netstack.VirtualLinks;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long flows last, and who gives way, in virtual time. */
class UdpFlowsTest {

  private static final Duration IDLE = Duration.ofMinutes(2);
  private static final Duration MOMENT = Duration.ofMillis(1);

  private final VirtualLinks time = new VirtualLinks(Duration.ZERO);
  private final Traffic traffic = new Traffic(3);
  private final UdpFlows<Recorded> flows = flows();
  private final List<Integer> ended = new ArrayList<>();

  private final class Recorded extends UdpFlow {
    Recorded(InetSocketAddress caller) {
      super(caller);
    }

    @Override
    void close() {
      ended.add(caller.getPort());
    }
  }

  private UdpFlows<Recorded> flows() {
    return new UdpFlows<>(time.eventLoop(), IDLE, traffic, time::nowNanos);
  }

  @AfterEach
  void close() {
    time.close();
  }

  private static InetSocketAddress caller(int port) {
    return InetSocketAddress.createUnresolved("caller", port);
  }

  /** Whether the caller's datagram is passed on. */
  private boolean says(UdpFlows<Recorded> to, int port) {
    if (to.heard(caller(port)) != null) {
      return true;
    }
    if (!to.makeRoom()) {
      return false;
    }
    to.add(new Recorded(caller(port)));
    return true;
  }

  @Test
  void aFlowLastsAsLongAsItsCallerSpeaks() {
    says(flows, 1);
    says(flows, 2);
    for (int i = 0; i < 3; i++) {
      time.advance(IDLE.minus(MOMENT));
      says(flows, 1);
    }
    assertThat(ended).containsExactly(2);
    time.advance(IDLE.minus(MOMENT));
    assertThat(ended).containsExactly(2);
    time.advance(MOMENT);
    assertThat(ended).containsExactly(2, 1);
    assertThat(traffic.snapshot().idled()).isEqualTo(2);
    assertThat(traffic.snapshot().open()).isZero();
    assertThat(time.nextTaskAfter()).as("nothing is watched for nobody").isNegative();
  }

  @Test
  void whoWasSilentForLongestGivesWay() {
    for (int port = 1; port <= 3; port++) {
      says(flows, port);
      time.advance(MOMENT);
    }
    says(flows, 1);
    assertThat(says(flows, 4)).isTrue();
    assertThat(ended).containsExactly(2);
    assertThat(traffic.snapshot().displaced()).isEqualTo(1);
    assertThat(traffic.snapshot().refused()).isZero();
    assertThat(traffic.snapshot().open()).isEqualTo(3);
  }

  @Test
  void onlyFlowsOfTheSameTunnelGiveWay() {
    UdpFlows<Recorded> another = flows();
    for (int port = 1; port <= 3; port++) {
      says(another, port);
    }
    assertThat(says(flows, 4)).isFalse();
    assertThat(ended).isEmpty();
    assertThat(traffic.snapshot().refused()).isEqualTo(1);
    another.end(another.heard(caller(2)));
    assertThat(says(flows, 4)).isTrue();
    assertThat(traffic.snapshot().open()).isEqualTo(3);
  }

  @Test
  void theEndOfAllEndsEachOnce() {
    says(flows, 1);
    says(flows, 2);
    Recorded first = flows.heard(caller(1));
    flows.endAll();
    flows.end(first);
    time.advance(IDLE);
    assertThat(ended).containsExactlyInAnyOrder(1, 2);
    assertThat(traffic.snapshot().open()).isZero();
    assertThat(traffic.snapshot().idled()).isZero();
  }
}
