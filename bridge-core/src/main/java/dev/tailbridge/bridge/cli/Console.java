package dev.tailbridge.bridge.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The terminal of a command.
 *
 * @param out takes what was asked for
 * @param err takes what is to be said about it
 * @param prompt for what the command must ask back
 */
record Console(PrintStream out, PrintStream err, Prompt prompt) {

  /** Nobody can be asked. */
  Console(PrintStream out, PrintStream err) {
    this(out, err, Prompt.NOBODY);
  }

  void print(String text) {
    out.println(text);
  }

  /** Whole lines, in UTF-8 whatever the language of the terminal: a QR code has no other form. */
  void printExactly(String lines) {
    byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  void error(String line) {
    err.println(line);
  }
}
