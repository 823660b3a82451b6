package dev.tailbridge.journeys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.ControlPlane;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** With direct UDP switched off at both tailnet ends: everything goes through DERP. */
@SideBySide
class RelayedJourneysIT extends Journeys {
  @Override
  ControlPlane controlPlane(Path at) {
    return new LabControl(at);
  }

  @Override
  boolean derpOnly() {
    return true;
  }

  @Test
  void thePathIsTheRelay() {
    assertFine(client.ask("get http://greenhouse/"));
    JsonObject path = client.ask("path greenhouse");
    assertThat(path.toString()).contains("derp");
    bridge.awaitDevice(
        "greenhouse",
        "known to be reached by the relay",
        device -> {
          client.ask("udp greenhouse:7 hello"); // it is looked at while it carries something
          return device.get("tailnetPath").getAsString().equals("derp");
        });
  }
}
