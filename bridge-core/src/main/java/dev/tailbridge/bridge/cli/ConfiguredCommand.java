package dev.tailbridge.bridge.cli;

import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command about one configuration, with the options that all such commands have. */
@Command(mixinStandardHelpOptions = true, versionProvider = VersionText.class)
abstract class ConfiguredCommand implements Callable<Integer> {
  @Mixin final ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  final Console console;
  final Function<String, @Nullable String> environment;

  /**
   * @param environment gives the value of an environment variable, or null
   */
  ConfiguredCommand(Console console, Function<String, @Nullable String> environment) {
    this.console = console;
    this.environment = environment;
  }
}
