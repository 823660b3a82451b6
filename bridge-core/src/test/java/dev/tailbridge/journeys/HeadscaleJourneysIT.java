package dev.tailbridge.journeys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.ControlPlane;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.RealTailscale;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against Headscale, and with the real tailscaled as a second client. */
@SideBySide
class HeadscaleJourneysIT extends Journeys {

  private RealTailscale tailscale;

  @Override
  ControlPlane controlPlane(Path at) {
    return Headscale.prompt(at);
  }

  /** A chip with WireGuard's own times, as they are sold. */
  @Override
  LabDevice boiler() {
    return new LabDevice("boiler", "10.6.0.4");
  }

  @BeforeAll
  void startTailscaled() {
    tailscale = new RealTailscale(control, "me", "desktop", folder);
  }

  @AfterAll
  void stopTailscaled() {
    tailscale.close();
  }

  @Test
  void curlFetchesByMagicDnsNameThroughTheRealTailscaled() {
    String name = bridge.device("greenhouse").get("tailnetName").getAsString();
    RealTailscale.Answer answer = tailscale.curl(Duration.ofSeconds(60), "http://" + name + "/");
    assertThat(answer.code()).as(answer.output()).isZero();
    assertThat(answer.output()).contains("greenhouse");
  }

  @Test
  void theRealTailscaleSeesTheDeviceAnswerPing() {
    RealTailscale.Answer answer =
        tailscale.tailscale(
            Duration.ofSeconds(60),
            "ping",
            "--icmp",
            "--c=10",
            "--timeout=3s",
            address("doorbell"));
    assertThat(answer.output()).contains("pong");
  }
}
