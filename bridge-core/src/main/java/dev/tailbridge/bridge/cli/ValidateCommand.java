package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.LoadedConfig;
import dev.tailbridge.bridge.config.Problem;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code bridge validate}: says whether a bridge would take the configuration. */
@Command(name = "validate", description = "Checks a configuration and the key files that it names.")
final class ValidateCommand extends ConfiguredCommand {
  ValidateCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException {
    LoadedConfig loaded;
    try {
      loaded = config.read(environment);
    } catch (ConfigException e) {
      if (!json) {
        throw e;
      }
      console.print(report(false, e.problems(), List.of()));
      return ExitCode.CONFIGURATION;
    }
    if (json) {
      console.print(report(true, List.of(), loaded.warnings()));
      return ExitCode.OK;
    }
    loaded.warnings().forEach(warning -> console.error("warning: " + warning));
    console.print(
        loaded.config().file()
            + ": valid, "
            + count(loaded.config().devices().size(), "device")
            + ", "
            + count(loaded.config().tailnets().size(), "tailnet"));
    return ExitCode.OK;
  }

  private static String count(int number, String thing) {
    return number + " " + thing + (number == 1 ? "" : "s");
  }

  private static String report(boolean valid, List<Problem> problems, List<Problem> warnings) {
    JsonObject report = new JsonObject();
    report.addProperty("valid", valid);
    report.add("problems", array(problems));
    report.add("warnings", array(warnings));
    return report.toString();
  }

  private static JsonArray array(List<Problem> problems) {
    JsonArray array = new JsonArray();
    for (Problem problem : problems) {
      JsonObject entry = new JsonObject();
      entry.addProperty("file", problem.file());
      entry.addProperty("line", problem.line());
      entry.addProperty("column", problem.column());
      entry.addProperty("message", problem.message());
      array.add(entry);
    }
    return array;
  }
}
