package dev.tailbridge.bridge.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.config.ConfigException;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bridge status}: shows the devices of the running bridge. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = "Shows each device of the bridge that runs with this configuration.")
final class StatusCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "Print what /api/v1/status answers.")
  private boolean json;

  private final Console console;
  private final Function<String, @Nullable String> environment;

  StatusCommand(Console console, Function<String, @Nullable String> environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() throws ConfigException {
    AdminClient client = new AdminClient(config.read(environment).config().admin().listen());
    try {
      String body = client.get("/api/v1/status");
      JsonObject status = JsonParser.parseString(body).getAsJsonObject();
      console.print(
          json ? body : new StatusTable(status, Instant.now()).toString().stripTrailing());
      return ExitCode.OK;
    } catch (IOException e) {
      console.error("bridge: " + e.getMessage());
    } catch (JsonParseException | IllegalStateException e) {
      console.error("bridge: the answer is no status; is the bridge of this version?");
    }
    return ExitCode.NOT_REACHABLE;
  }
}
