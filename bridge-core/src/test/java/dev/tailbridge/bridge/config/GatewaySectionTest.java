package dev.tailbridge.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.config.GatewaySection.Mode;
import dev.tailbridge.bridge.config.GatewaySection.Protocol;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a gateway rule is called. */
class GatewaySectionTest {

  private static GatewaySection rule(Mode mode, String... tunnels) {
    return new GatewaySection(
        mode,
        Protocol.TCP,
        new InetSocketAddress("0.0.0.0", 9000),
        new HostAndPort("nas.lan", 80),
        List.of(tunnels),
        16,
        Duration.ofMinutes(5),
        null);
  }

  @Test
  void rulesAtOnePortAreToldApartByTheirFirstDevice() {
    GatewaySection one = rule(Mode.EGRESS, "greenhouse");
    GatewaySection more = rule(Mode.EGRESS, "boiler", "doorbell", "shed");
    assertThat(one.healthName()).isEqualTo(more.healthName()).isEqualTo("egress:9000");
    assertThat(one.users()).isEqualTo("greenhouse");
    assertThat(more.users()).isEqualTo("boiler and others");
    assertThat(rule(Mode.EGRESS).users()).as("while the bridge has no devices").isEmpty();
  }

  @Test
  void anIngressRuleHasItsPortForItself() {
    assertThat(rule(Mode.INGRESS, "greenhouse").healthName()).isEqualTo("ingress:0.0.0.0:9000");
    assertThat(rule(Mode.INGRESS, "greenhouse").users()).isEmpty();
  }
}
