package dev.tailbridge.bridge.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bridge completion}: a script with which a shell completes commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = {
      "Prints a script with which bash and zsh complete what follows the word bridge:",
      "  alias bridge='java -jar /path/to/bridge.jar'",
      "  source <(bridge completion)"
    })
final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec command = CommandSpec.create(); // the parser puts the real one here

  private final Console console;

  CompletionCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    CommandSpec root = command.root();
    console.printExactly(AutoComplete.bash(root.name(), root.commandLine()) + "\n");
    return ExitCode.OK;
  }
}
