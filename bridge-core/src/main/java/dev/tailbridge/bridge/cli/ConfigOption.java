package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.LoadedConfig;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --config FILE}, which every command has. */
final class ConfigOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create(); // the parser puts the real one here

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The configuration, usually devices.toml.")
  private @Nullable Path file;

  boolean isGiven() {
    return file != null;
  }

  /** Reads the file; one that is not named is a wrong use of the command. */
  LoadedConfig read(Function<String, @Nullable String> environment) throws ConfigException {
    return ConfigReader.read(path(), environment);
  }

  /** The file; one that is not named is a wrong use of the command. */
  Path path() {
    if (file == null) {
      throw new ParameterException(
          command.commandLine(), "--config is missing: write --config devices.toml");
    }
    return file;
  }
}
