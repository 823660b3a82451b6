package dev.tailbridge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bridge as the image runs it, without an engine for containers: with the Java modules and the
 * options of the Dockerfile, and, where bubblewrap is there, as user 65532 without capabilities on
 * a read-only file system but for its own folder.
 */
class ContainerIT {

  @TempDir Path folder;

  @Test
  void theWholeRoadWithWhatTheImageHas() throws Exception {
    Dockerfile image = new Dockerfile();
    LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
    try (LabControl control = new LabControl(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("data"))
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home");
      List<String> java = container(files.folder());
      java.add(BridgeProcess.currentJava());
      java.addAll(List.of("--limit-modules", image.modules()));
      java.addAll(image.jvmOptions());
      try (BridgeProcess bridge = BridgeProcess.start(files, java, BridgeProcess.LOOPBACK_ONLY);
          LabDevice device = greenhouse.start(bridge.publicKey(), files.wireGuardPort(), folder);
          LabClient laptop = new LabClient(control, "me", "laptop", false, folder)) {
        bridge.awaitOnline("greenhouse");
        laptop.meet("greenhouse");
        assertThat(laptop.ask("get http://greenhouse/").toString()).contains("\"status\":200");

        List<String> healthz =
            new ArrayList<>(java.subList(0, java.indexOf("--limit-modules") + 2));
        healthz.addAll(List.of("-jar", Binaries.bridgeJar().toString()));
        healthz.addAll(List.of("healthz", "--config", files.folder() + "/devices.toml"));
        assertThat(Tool.output(healthz.toArray(new String[0]))).isEqualTo("ok\n");
        assertThat(device.ask("ping 10.6.0.1 timeout=20").get("result").getAsString())
            .isEqualTo("ok");
        assertThat(bridge.log()).doesNotContain("ERROR");
      }
    }
  }

  private static List<String> container(Path data) {
    return Tool.isThere("bwrap")
        ? new ArrayList<>(
            List.of(
                "bwrap",
                "--unshare-all",
                "--share-net",
                "--uid",
                "65532",
                "--gid",
                "65532",
                "--cap-drop",
                "ALL",
                "--die-with-parent",
                "--ro-bind",
                "/",
                "/",
                "--dev",
                "/dev",
                "--proc",
                "/proc",
                "--bind",
                data.toString(),
                data.toString()))
        : new ArrayList<>();
  }
}
