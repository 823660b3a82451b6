package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.LoadedConfig;
import dev.tailbridge.bridge.config.TailnetSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code bridge doctor}: looks at everything in order and says for each problem what to do. */
@Command(
    name = "doctor",
    description = {
      "Looks at the configuration, this machine, the control servers and the devices, in this order,",
      "and says what to do about each problem; of one device, if one is named."
    })
final class DoctorCommand extends ConfiguredCommand {
  @Parameters(paramLabel = "NAME", arity = "0..1", description = "One device alone.")
  private @Nullable String name;

  DoctorCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException, EditException {
    LoadedConfig loaded = config.read(environment);
    BridgeConfig read = loaded.config();
    List<DeviceSection> devices = name == null ? read.devices() : List.of(Selection.of(read, name));
    Optional<JsonObject> status = new RunningBridge(read).status();
    List<Check> checks = new ArrayList<>();
    if (name == null) {
      loaded
          .warnings()
          .forEach(warning -> checks.add(Check.problem("configuration", warning.toString())));
      if (loaded.warnings().isEmpty()) {
        checks.add(Check.fine("configuration", read.file() + " is valid"));
      }
      checks.addAll(new HostChecks(read).run(status.isPresent()));
      for (TailnetSection tailnet : read.tailnets().values()) {
        checks.addAll(ControlChecks.run(tailnet));
      }
    } else if (status.isEmpty()) {
      checks.addAll(new HostChecks(read).run(false));
    }
    status.ifPresent(
        seen -> {
          DeviceChecks of = new DeviceChecks(read, seen);
          if (name == null) {
            checks.add(of.clock());
            SidecarChecks.of(seen).ifPresent(checks::add);
            checks.addAll(of.strangers());
          }
          devices.forEach(device -> checks.addAll(of.of(device)));
        });
    print(checks);
    return checks.stream().allMatch(Check::fine) ? ExitCode.OK : ExitCode.PROBLEMS;
  }

  private void print(List<Check> checks) {
    if (json) {
      JsonArray all = new JsonArray();
      for (Check check : checks) {
        JsonObject one = new JsonObject();
        one.addProperty("what", check.what());
        one.addProperty("fine", check.fine());
        one.addProperty("text", check.text());
        all.add(one);
      }
      console.print(all.toString());
      return;
    }
    for (Check check : checks) {
      console.print(
          (check.fine() ? "ok       " : "PROBLEM  ") + check.what() + ": " + check.text());
    }
  }
}
