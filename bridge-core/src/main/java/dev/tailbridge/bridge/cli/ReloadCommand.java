package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.config.ConfigException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/**
 * {@code bridge reload}: has the running bridge load its file now, and waits for what comes of it.
 */
@Command(
    name = "reload",
    description = {
      "Has the running bridge load its configuration again now, key files too, and says what came",
      "of it. Devices whose block is the same are not disturbed."
    })
final class ReloadCommand extends ConfiguredCommand {
  private static final List<String> CHANGES = List.of("added", "changed", "removed");

  ReloadCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException {
    AdminClient client = new AdminClient(config.read(environment).config().admin());
    try {
      HttpResponse<String> answer = client.post("/api/v1/reload");
      if (answer.statusCode() == 200) {
        console.print(json ? answer.body().strip() : text(answer.body()));
        return ExitCode.OK;
      }
      lines(answer.body(), "problems").forEach(console::error);
      console.error("bridge: " + AdminClient.said(answer));
      return answer.statusCode() == 422 ? ExitCode.CONFIGURATION : ExitCode.FAILED;
    } catch (IOException e) {
      console.error("bridge: " + e.getMessage());
      return ExitCode.NOT_REACHABLE;
    }
  }

  private String text(String body) {
    lines(body, "warnings").forEach(console::error);
    List<String> parts = new ArrayList<>();
    for (String change : CHANGES) {
      List<String> names = lines(body, change);
      if (!names.isEmpty()) {
        parts.add(change + " " + String.join(", ", names));
      }
    }
    List<String> restart = lines(body, "needRestart");
    return (parts.isEmpty() ? "no device changed" : String.join("; ", parts))
        + (restart.isEmpty()
            ? ""
            : "\nwhat changed in " + String.join(", ", restart) + " needs a restart of the bridge");
  }

  private static List<String> lines(String body, String key) {
    List<String> lines = new ArrayList<>();
    try {
      if (JsonParser.parseString(body) instanceof JsonObject object
          && object.get(key) instanceof JsonArray array) {
        for (JsonElement line : array) {
          lines.add(line.getAsString());
        }
      }
    } catch (JsonParseException e) {
      // Something else answers there, and is shown as it is.
    }
    return lines;
  }
}
