package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.BridgeSection;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.EnvironmentReader;
import dev.tailbridge.bridge.config.LoadedConfig;
import dev.tailbridge.bridge.config.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

  @Option(
      names = "--from-env",
      description = "Read no file, but the environment variables of wg-tinyproxy.")
  private boolean fromEnv;

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
    if (fromEnv && config.isNamed()) {
      throw new ParameterException(
          command.commandLine(), "--from-env and --config exclude each other; keep one");
    }
    // An image is started without arguments.
    boolean environmentIsMeant =
        fromEnv || (!config.isThere() && EnvironmentReader.isMeant(environment));
    if (!environmentIsMeant && !config.isThere()) {
      command.commandLine().usage(console.err());
      return ExitCode.USAGE;
    }
    Optional<String> problem = Platform.problemHere();
    if (problem.isPresent()) {
      console.error("bridge: " + problem.get());
      return ExitCode.FAILED;
    }
    if (environmentIsMeant) {
      return runFromEnvironment();
    }
    ConfigWatch.Look look = ConfigWatch.look(config.path());
    LoadedConfig loaded = config.read(environment);
    prepare(loaded);
    return run(loaded.config(), bridge -> watch(loaded.config(), look, bridge)::close, () -> {});
  }

  private int runFromEnvironment() throws ConfigException {
    ScratchFolder scratch;
    Path temporary = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    try {
      // An image has a volume as its working folder, and nothing else that can be written to.
      scratch = ScratchFolder.in(List.of(temporary, Path.of("")));
    } catch (IOException e) {
      console.error(
          "bridge: neither "
              + temporary
              + " nor the working folder can be written to; mount an emptyDir or a tmpfs there");
      return ExitCode.FAILED;
    }
    try (scratch) {
      LoadedConfig loaded = EnvironmentReader.read(environment, scratch.path());
      prepare(loaded);
      return run(loaded.config(), bridge -> () -> {}, scratch::close);
    }
  }

  private void prepare(LoadedConfig loaded) {
    BridgeSection bridge = loaded.config().bridge();
    RuntimeSettings.apply(bridge.stateDir(), Runtime.version().feature());
    LogSetup.apply(bridge.logLevel(), bridge.logFormat(), console.err());
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, thrown) -> logger.error("thread {} ended", thread.getName(), thrown));
    for (Problem warning : loaded.warnings()) {
      logger.warn("{}", warning);
    }
  }

  private ConfigWatch watch(
      BridgeConfig config, ConfigWatch.Look look, BridgeRunner.Running bridge) {
    ConfigWatch watch =
        new ConfigWatch(config.file(), look, () -> this.config.read(environment), bridge);
    HangupSignal.handle(watch::ask);
    watch.start();
    return watch;
  }

  /**
   * @param watcher begins to look for changes
   * @param last runs when all else has ended
   */
  private int run(
      BridgeConfig config, Function<BridgeRunner.Running, Runnable> watcher, Runnable last) {
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
    Runnable endWatch = watcher.apply(bridge);
    boolean failed =
        Shutdown.await(
            bridge.failure(),
            () -> {
              endWatch.run();
              bridge.close();
              last.run();
            });
    return failed ? ExitCode.LOST : ExitCode.OK;
  }
}
