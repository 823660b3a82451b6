package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.Answers;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One tailnet in the bridge's own process and one in a sidecar, which is killed. */
@SideBySide
class MixedTailnetsIT {

  @TempDir Path folder;

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
  private final LabDevice doorbell = new LabDevice("doorbell", "10.6.0.3");

  @Test
  @Timeout(300)
  void theEndOfTheSidecarIsToldAndTouchesItsOwnNodesAlone() throws Exception {
    try (LabControl control = new LabControl(folder);
        LabClient laptop = new LabClient(control, "me", "laptop", false, folder)) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge"))
              .tailnet("home", control, control.authKey("me"))
              .tailnet("aside", control, control.authKey("me"))
              .line("mode = \"sidecar\"")
              .device(greenhouse, "home")
              .device(doorbell, "aside");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
          LabDevice chip = greenhouse.start(bridge.publicKey(), files.wireGuardPort(), folder);
          LabDevice other = doorbell.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
        bridge.awaitOnline("greenhouse");
        final String address = bridge.awaitOnline("doorbell");
        laptop.meet("greenhouse");
        final JsonObject before = bridge.device("greenhouse");
        final long pid = sidecar(bridge).get("pid").getAsLong();
        try (Stream<String> events = events(files)) {
          Iterator<String> lines = events.iterator();
          awaitTold(lines, "sidecar .*\"pid\":" + pid + ",\"running\":true.*");

          ProcessHandle.of(pid).orElseThrow().destroyForcibly();
          awaitTold(
              lines,
              "sidecar .*\"pid\":" + pid + ",\"running\":false.*",
              "device .*\"name\":\"doorbell\".*\"state\":\"failed\".*");
          assertThat(bridge.device("greenhouse").get("state").getAsString()).isEqualTo("online");
          assertThat(Answers.fine(laptop.ask("get http://greenhouse/"))).isTrue();
          awaitTold(lines, "sidecar .*\"running\":true.*\"restarts\":1.*");
        }
        assertThat(bridge.awaitOnline("doorbell")).isEqualTo(address);
        JsonObject after = bridge.device("greenhouse");
        assertThat(after.get("handshakes")).isEqualTo(before.get("handshakes"));
        assertThat(after.get("tailnetAddresses")).isEqualTo(before.get("tailnetAddresses"));
        assertThat(bridge.log()).doesNotContain("device=greenhouse left", "device=greenhouse tail");
        assertThat(chip.port()).isNotEqualTo(other.port());
      }
    }
  }

  private static Stream<String> events(BridgeFiles files) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + files.adminPort() + "/api/v1/events");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofLines())
        .body();
  }

  /**
   * Reads on until there was an event for each of these, in whatever order. What lasts for a moment
   * may be over before somebody asks; that it was is told all the same.
   */
  private static void awaitTold(Iterator<String> lines, String... events) {
    List<String> missing = new ArrayList<>(List.of(events));
    while (!missing.isEmpty()) {
      String line = lines.next();
      if (line.startsWith("event: ")) {
        String event = line.substring("event: ".length()) + " " + lines.next();
        missing.removeIf(event::matches);
      }
    }
  }

  private static JsonObject sidecar(BridgeProcess bridge) {
    return bridge.status().getAsJsonObject("process").getAsJsonObject("sidecar");
  }
}
