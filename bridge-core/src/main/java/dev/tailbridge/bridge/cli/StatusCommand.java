package dev.tailbridge.bridge.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.config.ConfigException;
import java.io.IOException;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code bridge status}: shows the devices of the running bridge. */
@Command(
    name = "status",
    description = "Shows each device of the bridge that runs with this configuration.")
final class StatusCommand extends ConfiguredCommand {
  StatusCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException {
    AdminClient client = new AdminClient(config.read(environment).config().admin());
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
