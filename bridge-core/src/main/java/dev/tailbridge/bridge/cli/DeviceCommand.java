package dev.tailbridge.bridge.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bridge device}: what can be done with devices. */
@Command(
    name = "device",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = "Adds, shows and removes devices of a configuration.")
final class DeviceCommand implements Runnable {
  @Spec private CommandSpec command = CommandSpec.create(); // the parser puts the real one here

  @Override
  public void run() {
    throw new ParameterException(
        command.commandLine(),
        "say what to do: bridge device " + String.join("|", command.subcommands().keySet()));
  }
}
