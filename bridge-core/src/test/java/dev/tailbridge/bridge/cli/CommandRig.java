package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.BridgeSection.LogFormat;
import dev.tailbridge.bridge.config.BridgeSection.LogLevel;
import dev.tailbridge.wireguard.PublicKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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
  private final Printed printed = new Printed();
  final ByteArrayOutputStream out = printed.out;
  final ByteArrayOutputStream err = printed.err;
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
    return Main.run(arguments, printed.console(), name -> null, runner);
  }

  final String out() {
    return printed.out();
  }

  final String err() {
    return printed.err();
  }
}
