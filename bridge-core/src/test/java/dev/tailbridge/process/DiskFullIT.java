package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.Answers;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.Sandbox;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state directory on a file system of 2 MiB, which somebody fills while the bridge runs. */
@Tag("root")
class DiskFullIT {

  /** The pauses before the first two new tries of a reload, and as much again. */
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
  private final LabDevice boiler = new LabDevice("boiler", "10.6.0.3");
  private final LabDevice boilerWithNewKey = new LabDevice("boiler", "10.6.0.3");
  private final LabDevice pump = new LabDevice("pump", "10.6.0.4");

  @Test
  void whatTheDiskHasNoRoomForIsToldAndDoneLaterAndNothingIsLost() throws Exception {
    assumeTrue(Sandbox.root(), "needs root, to mount a small file system with unshare");
    try (LabControl control = new LabControl(folder);
        LabClient laptop = new LabClient(control, "me", "laptop", false, folder)) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge"))
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home")
              .device(boiler, "home");
      try (BridgeProcess bridge = onSmallDisk(files);
          LabDevice chip = greenhouse.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
        bridge.awaitOnline("greenhouse");
        String address = address(bridge.awaitDevice("boiler", "running", DiskFullIT::runs));
        laptop.meet("greenhouse");
        final Path state =
            Path.of("/proc/" + bridge.process().pid() + "/root" + files.folder(), "state");
        final Path filler = state.resolve("filler");
        // What is saved a moment after the start would else be replaced later, and leave room.
        String port = Integer.toString(chip.port());
        await()
            .atMost(SOON)
            .until(() -> Files.readString(state.resolve("bridge.json")).contains(port));
        fill(filler);

        files.device(boilerWithNewKey, "home").device(pump, "home").write();
        awaitLog(
            bridge,
            "devices.toml was not loaded, and will be tried again: ",
            files.folder() + "/state/",
            "the disk is full; make room, or name another state_dir");
        JsonObject page = laptop.ask("get http://greenhouse/");
        assertThat(Answers.fine(page)).as("who did not change goes on: " + page).isTrue();

        Files.delete(filler);
        awaitLog(bridge, "was loaded again: added boiler, pump");
        bridge.awaitDevice("pump", "running", DiskFullIT::runs);
        try (LabDevice again =
            boilerWithNewKey.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
          assertThat(bridge.awaitOnline("boiler")).as("the same machine").isEqualTo(address);
        }
        assertThat(Files.readString(state.resolve("bridge.json")))
            .contains(
                greenhouse.publicKey().toBase64(),
                boilerWithNewKey.publicKey().toBase64(),
                pump.publicKey().toBase64());
        assertThat(bridge.log()).doesNotContain("\tat ");
      }
    }
  }

  /** In a mount namespace of its own; native code, which is larger, lies on the ordinary disk. */
  private static BridgeProcess onSmallDisk(BridgeFiles files) throws IOException {
    Path state = Files.createDirectories(files.folder().resolve("state"));
    Path code = Files.createDirectories(files.folder().resolve("native"));
    String mount =
        "mount -t tmpfs -o size=2m,mode=700 tmpfs \"$0\"; mkdir \"$0/native\";"
            + " mount --bind \"$1\" \"$0/native\"; shift; exec \"$@\"";
    return BridgeProcess.start(
        files,
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-ec",
            mount,
            state.toString(),
            code.toString(),
            BridgeProcess.currentJava()),
        BridgeProcess.LOOPBACK_ONLY);
  }

  /** Until not a single byte more has room. */
  private static void fill(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int size = 1 << 16; size > 0; size /= 2) {
        while (took(out, size)) {
          // on
        }
      }
    }
    assertThat(file.toFile().getUsableSpace()).isZero();
  }

  private static boolean took(OutputStream out, int size) {
    try {
      out.write(new byte[size]);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void awaitLog(BridgeProcess bridge, String... texts) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(bridge.log()).as("the log").contains(texts));
  }

  private static String address(JsonObject device) {
    return device.get("tailnetAddresses").getAsJsonArray().get(0).getAsString();
  }

  private static boolean runs(JsonObject device) {
    return device.has("nodeState")
        && device.get("nodeState").getAsString().equals("Running")
        && !device.get("tailnetAddresses").getAsJsonArray().isEmpty();
  }
}
