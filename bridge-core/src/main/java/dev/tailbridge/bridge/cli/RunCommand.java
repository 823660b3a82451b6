package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.BridgeSection;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.LoadedConfig;
import dev.tailbridge.bridge.config.Problem;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bridge}: runs a bridge until a signal ends it. */
@Command(
    name = "bridge",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description =
        "Makes each WireGuard device of a configuration a machine of its own in a tailnet.",
    footer = {"", "To run a bridge: java -jar bridge.jar --config devices.toml"})
final class RunCommand implements Callable<Integer> {
  private static final Logger logger = LoggerFactory.getLogger(RunCommand.class);

  @Spec private CommandSpec command = CommandSpec.create(); // the parser puts the real one here

  @Mixin private final ConfigOption config = new ConfigOption();
  private final Console console;
  private final Function<String, @Nullable String> environment;
  private final BridgeRunner runner;

  RunCommand(Console console, Function<String, @Nullable String> environment, BridgeRunner runner) {
    this.console = console;
    this.environment = environment;
    this.runner = runner;
  }

  @Override
  public Integer call() throws ConfigException {
    if (!config.isThere()) {
      command.commandLine().usage(console.err());
      return ExitCode.USAGE;
    }
    Optional<String> problem = Platform.problemHere();
    if (problem.isPresent()) {
      console.error("bridge: " + problem.get());
      return ExitCode.FAILED;
    }
    ConfigWatch.Look look = ConfigWatch.look(config.path());
    LoadedConfig loaded = config.read(environment);
    BridgeSection bridge = loaded.config().bridge();
    RuntimeSettings.apply(bridge.stateDir(), Runtime.version().feature());
    LogSetup.apply(bridge.logLevel(), bridge.logFormat(), console.err());
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, thrown) -> logger.error("thread {} ended", thread.getName(), thrown));
    for (Problem warning : loaded.warnings()) {
      logger.warn("{}", warning);
    }
    return run(loaded.config(), look);
  }

  private int run(BridgeConfig config, ConfigWatch.Look look) {
    BridgeRunner.Running bridge;
    try {
      bridge = runner.start(config);
    } catch (RuntimeException | Error e) {
      logger.error("internal error while starting; log = \"debug\" shows where", e);
      return ExitCode.FAILED;
    } catch (Exception e) {
      // Checked exceptions are written for the user: the message is the whole line.
      logger.error("{}", e.getMessage());
      logger.debug("not started", e);
      return ExitCode.FAILED;
    }
    ConfigWatch watch =
        new ConfigWatch(config.file(), look, () -> this.config.read(environment), bridge);
    HangupSignal.handle(watch::ask);
    watch.start();
    boolean failed =
        Shutdown.await(
            bridge.failure(),
            () -> {
              watch.close();
              bridge.close();
            });
    return failed ? ExitCode.LOST : ExitCode.OK;
  }
}
