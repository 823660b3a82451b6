package dev.tailbridge.bridge.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tailbridge.bridge.Bridge;
import dev.tailbridge.bridge.BridgeException;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.NearestName;
import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Where {@code java -jar bridge.jar} enters. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    Console console = new Console(System.out, System.err, Prompt.ofThisProcess());
    System.exit(run(arguments, console, System::getenv, Main::start));
  }

  private static BridgeRunner.Running start(BridgeConfig config) throws BridgeException {
    Bridge bridge = Bridge.start(config);
    return new BridgeRunner.Running() {
      @Override
      public void reload(BridgeConfig next) throws BridgeException {
        bridge.reload(next);
      }

      @Override
      public CompletableFuture<String> failure() {
        return bridge.failure();
      }

      @Override
      public void close() {
        bridge.close();
      }
    };
  }

  /**
   * Runs one command and returns the exit code. Nothing it meets becomes a stack trace.
   *
   * @param environment gives the value of an environment variable, or null
   * @param runner starts the bridge when that is the command
   */
  static int run(
      String[] arguments,
      Console console,
      Function<String, @Nullable String> environment,
      BridgeRunner runner) {
    return new CommandLine(new RunCommand(console, environment, runner))
        .addSubcommand(new InitCommand(console, environment))
        .addSubcommand(device(console, environment))
        .addSubcommand(new StatusCommand(console, environment))
        .addSubcommand(new ValidateCommand(console, environment))
        .addSubcommand(new DoctorCommand(console, environment))
        .addSubcommand(new ImportCommand(console, environment))
        .addSubcommand(new ReloadCommand(console, environment))
        .addSubcommand(new HealthzCommand(console, environment))
        .addSubcommand(new CompletionCommand(console))
        .setOut(new PrintWriter(console.out(), true, UTF_8))
        .setErr(new PrintWriter(console.err(), true, UTF_8))
        .setParameterExceptionHandler((e, given) -> usage(e, console))
        .setExecutionExceptionHandler((e, command, result) -> failure(e, console))
        .execute(arguments);
  }

  private static CommandLine device(
      Console console, Function<String, @Nullable String> environment) {
    return new CommandLine(new DeviceCommand())
        .addSubcommand(new DeviceAddCommand(console, environment))
        .addSubcommand(new DeviceListCommand(console, environment))
        .addSubcommand(new DeviceShowCommand(console, environment))
        .addSubcommand(new DeviceRemoveCommand(console, environment))
        .addSubcommand(new DeviceExportCommand(console, environment))
        .addSubcommand(new DeviceImportCommand(console, environment));
  }

  private static int usage(ParameterException e, Console console) {
    String hint = e instanceof UnmatchedArgumentException unmatched ? nearest(unmatched) : "";
    console.error(
        "bridge: "
            + e.getMessage()
            + (hint.isEmpty() ? "; see " : hint + " See ")
            + e.getCommandLine().getCommandSpec().qualifiedName()
            + " --help");
    return ExitCode.USAGE;
  }

  /** The command or option that was probably meant; empty when none is close. */
  private static String nearest(UnmatchedArgumentException e) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    String written = e.getUnmatched().get(0);
    return NearestName.hint(
        written,
        written.startsWith("-") ? command.optionsMap().keySet() : command.subcommands().keySet(),
        /* otherwise= */ "");
  }

  private static int failure(Exception e, Console console) {
    if (e instanceof ConfigException invalid) {
      invalid.problems().forEach(problem -> console.error(problem.toString()));
      return ExitCode.CONFIGURATION;
    }
    if (e instanceof EditException || e instanceof BridgeException) {
      console.error("bridge: " + e.getMessage());
      return ExitCode.FAILED;
    }
    console.error("bridge: internal error, please report it: " + e);
    return ExitCode.FAILED;
  }
}
