package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.BridgeSection.LogFormat;
import dev.tailbridge.bridge.config.BridgeSection.LogLevel;
import dev.tailbridge.wireguard.PublicKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A configuration of one device, and what commands in this process say and do about it. */
abstract class CommandRig {
  static final String KEY = PublicKey.of(new byte[32]).toBase64();

  @TempDir Path folder;
  final ByteArrayOutputStream out = new ByteArrayOutputStream();
  final ByteArrayOutputStream err = new ByteArrayOutputStream();
  final List<String> happened = new ArrayList<>();
  BridgeRunner runner = this::startAndInterrupt;
  String file = "";

  @BeforeEach
  void writeConfig() throws IOException {
    file = folder.resolve("devices.toml").toString();
    config("");
  }

  @AfterEach
  void restore() {
    Thread.setDefaultUncaughtExceptionHandler(null);
    LogSetup.apply(LogLevel.INFO, LogFormat.TEXT, System.err);
  }

  final void config(String more) throws IOException {
    Files.writeString(
        Path.of(file),
        more
            + "\n[[device]]\nname = \"a\"\npublic_key = \""
            + KEY
            + "\"\naddress = \"10.6.0.2\"\ntailnet = \"none\"\n");
  }

  /** A bridge that is told to end as soon as it runs. */
  private BridgeRunner.Running startAndInterrupt(BridgeConfig config) {
    happened.add("start " + config.file());
    Thread.currentThread().interrupt();
    return () -> happened.add("close");
  }

  final int run(String... arguments) {
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return Main.run(arguments, console, name -> null, runner);
  }

  final String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  final String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
