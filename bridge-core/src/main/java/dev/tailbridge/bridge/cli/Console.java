package dev.tailbridge.bridge.cli;

import java.io.PrintStream;

/**
 * The terminal of a command.
 *
 * @param out takes what was asked for
 * @param err takes what is to be said about it
 */
record Console(PrintStream out, PrintStream err) {

  void print(String text) {
    out.println(text);
  }

  void error(String line) {
    err.println(line);
  }
}
