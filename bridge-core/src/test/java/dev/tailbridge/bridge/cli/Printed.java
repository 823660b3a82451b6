package dev.tailbridge.bridge.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What commands in this process print, in place of a terminal. */
final class Printed {
  final ByteArrayOutputStream out = new ByteArrayOutputStream();
  final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Nobody can be asked there. */
  Console console() {
    return console(Prompt.NOBODY);
  }

  Console console(Prompt prompt) {
    return new Console(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        prompt);
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** Runs a command that starts no bridge, where no variable is set; returns its exit code. */
  int run(Prompt prompt, String... arguments) {
    return Main.run(
        arguments,
        console(prompt),
        name -> null,
        config -> {
          throw new AssertionError("no bridge is started here");
        });
  }
}
