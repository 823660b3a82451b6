package dev.tailbridge.journeys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.BridgeRun;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import dev.tailbridge.wireguard.PrivateKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a new user does: init, device add, run; with the access rules that init prints. */
@SideBySide
class FirstStepsIT {

  @TempDir Path folder;

  @Test
  void initThenAddThenRun() throws Exception {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files = new BridgeFiles(folder.resolve("bridge"));
      Path file = files.folder().resolve("devices.toml");
      Path key = folder.resolve("hs.key");
      BridgeRun init =
          bridge(
              "init",
              "--config",
              file.toString(),
              "--json",
              "--endpoint",
              "127.0.0.1:" + files.wireGuardPort(),
              "--control-url",
              control.url(),
              "--auth-key-file",
              secret(key, "later").toString());
      assertThat(init.code()).as(init.output()).isZero();
      control.policy(
          JsonParser.parseString(init.output()).getAsJsonObject().get("policy").getAsString());
      secret(key, control.taggedKey("tag:esp32"));

      PrivateKey greenhouseKey = add(file, "greenhouse");
      PrivateKey doorbellKey = add(file, "doorbell");
      try (BridgeProcess bridge =
              BridgeProcess.start(
                  files.whole(Files.readString(file)), BridgeProcess.LOOPBACK_ONLY);
          LabClient laptop = new LabClient(control, "me", "laptop", false, folder);
          LabDevice greenhouse =
              new LabDevice("greenhouse", "10.6.0.2", greenhouseKey)
                  .start(bridge.publicKey(), files.wireGuardPort(), folder);
          LabDevice doorbell =
              new LabDevice("doorbell", "10.6.0.3", doorbellKey)
                  .start(bridge.publicKey(), files.wireGuardPort(), folder)) {
        final String other = bridge.awaitOnline("doorbell");
        bridge.awaitOnline("greenhouse");
        for (String name : List.of("greenhouse", "doorbell")) {
          laptop.meet(name);
          assertThat(laptop.ask("get http://" + name + "/").toString()).contains("\"status\":200");
        }
        assertThat(
                greenhouse.askAtOnce(
                    List.of("tcp " + other + ":80", "tcp " + laptop.ip4() + ":80")))
            .as("a device does not reach another, nor a machine of people")
            .noneMatch(answer -> answer.get("result").getAsString().equals("ok"));
      }
    }
  }

  private static PrivateKey add(Path file, String name) {
    BridgeRun added = bridge("device", "add", name, "--json", "--config", file.toString());
    assertThat(added.code()).as(added.output()).isZero();
    JsonObject told = JsonParser.parseString(added.output()).getAsJsonObject();
    return PrivateKey.fromBase64(told.get("privateKey").getAsString());
  }

  private static Path secret(Path file, String text) throws Exception {
    Files.writeString(file, text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static BridgeRun bridge(String... words) {
    return BridgeRun.of(Binaries.bridgeJar(), new ArrayList<>(List.of(words)));
  }
}
