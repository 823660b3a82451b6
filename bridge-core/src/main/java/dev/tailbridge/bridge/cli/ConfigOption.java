package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.LoadedConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --config FILE}, which every command has; left out, it is the one of this folder. */
final class ConfigOption {
  private static final Path HERE = Path.of("devices.toml");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create(); // the parser puts the real one here

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The configuration; left out, devices.toml in this folder.")
  private @Nullable Path file;

  /** Whether there is a file to read, without a look into it. */
  boolean isThere() {
    return file != null || Files.exists(HERE);
  }

  boolean isNamed() {
    return file != null;
  }

  /** Reads the file; none is a wrong use of the command. */
  LoadedConfig read(Function<String, @Nullable String> environment) throws ConfigException {
    return ConfigReader.read(path(), environment);
  }

  /** The file; none is a wrong use of the command. */
  Path path() {
    if (!isThere()) {
      throw new ParameterException(
          command.commandLine(),
          "there is no devices.toml in this folder: name one with --config FILE, or make one with"
              + " bridge init");
    }
    return file == null ? HERE : file;
  }
}
