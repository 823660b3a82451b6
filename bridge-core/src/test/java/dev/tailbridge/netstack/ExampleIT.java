package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.examples.HttpGet;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example that the README shows, as a process of its own. */
class ExampleIT {

  @TempDir Path folder;

  @Test
  void aPageIsFetchedThroughATunnel() throws Exception {
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    try (LabDevice device = new LabDevice("greenhouse", "10.6.0.2")) {
      // It only answers: nobody is where it would call.
      device.start(key.publicKey(), 9, folder);
      String page = get(key, device);
      assertThat(page).startsWith("HTTP/1.0 200 OK").contains("greenhouse");
    }
  }

  private String get(PrivateKey key, LabDevice device) throws Exception {
    File output = folder.resolve("page").toFile();
    Process process =
        new ProcessBuilder(
                List.of(
                    BridgeProcess.currentJava(),
                    "-Dlisten=127.0.0.1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    HttpGet.class.getName(),
                    key.toBase64(),
                    device.publicKey().toBase64(),
                    "127.0.0.1",
                    String.valueOf(device.port()),
                    "10.6.0.1",
                    device.address()))
            .redirectOutput(output)
            .redirectError(folder.resolve("errors").toFile())
            .start();
    try {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("it ends by itself").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("errors"))).isZero();
    return Files.readString(output.toPath(), StandardCharsets.UTF_8);
  }
}
