package dev.tailbridge.bridge.cli;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that makes devices of what stands in a file. */
abstract class ImportingCommand extends ConfiguredCommand {
  @Option(
      names = "--tailnet",
      paramLabel = "TAILNET",
      description =
          "Their tailnet, where the configuration has several or another name for it, or none.")
  @Nullable String tailnet;

  ImportingCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  /**
   * Says what it came to.
   *
   * @param names of the devices that were added
   * @param lines the same for people
   * @param notes what is to be said about it besides, a line each
   */
  void report(List<String> names, List<String> lines, List<String> notes) {
    if (json) {
      console.print(new AddedDevices(names, notes).json());
    } else {
      lines.forEach(console::print);
      notes.forEach(console::error);
    }
  }
}
