package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.tailbridge.bridge.ConfigFile;
import dev.tailbridge.bridge.DeviceRemoval;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bridge device remove}: takes devices out, and says what is left to do by hand. */
@Command(
    name = "remove",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = "Removes devices from the configuration and says what is left to do by hand.")
final class DeviceRemoveCommand implements Callable<Integer> {
  @Spec private CommandSpec command = CommandSpec.create(); // the parser puts the real one here

  @Mixin private final ConfigOption config = new ConfigOption();

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "The devices.")
  private List<String> names = List.of();

  @Option(names = "--all", description = "All devices of the configuration.")
  private boolean all;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  private final Console console;
  private final Function<String, @Nullable String> environment;

  DeviceRemoveCommand(Console console, Function<String, @Nullable String> environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() throws ConfigException, EditException {
    if (all == !names.isEmpty()) {
      throw new ParameterException(command.commandLine(), "name the devices, or write --all");
    }
    BridgeConfig before = config.read(environment).config();
    List<DeviceSection> devices = all ? before.devices() : Selection.of(before, names);
    if (!devices.isEmpty() && !yes && !confirmed(devices)) {
      console.error("nothing was removed");
      return ExitCode.FAILED;
    }
    Optional<JsonObject> status = new RunningBridge(before).status();
    DeviceRemoval removal = new DeviceRemoval(before, new ConfigFile(config.path(), environment));
    List<String> erased = devices.isEmpty() ? List.of() : removal.remove(devices);
    List<String> left = new RemovalNotes(before, removal, status).of(devices);
    if (json) {
      JsonObject answer = new JsonObject();
      answer.add("removed", array(devices.stream().map(DeviceSection::name).toList()));
      answer.add("erased", array(erased));
      answer.add("left", array(left));
      console.print(answer.toString());
      return ExitCode.OK;
    }
    console.print(
        devices.isEmpty()
            ? "there are no devices in " + config.path()
            : "removed " + list(devices) + " from " + config.path());
    erased.forEach(console::print);
    if (!left.isEmpty()) {
      console.print("left to do:");
      left.forEach(line -> console.print("- " + line));
    }
    return ExitCode.OK;
  }

  private boolean confirmed(List<DeviceSection> devices) {
    if (!console.prompt().isThere()) {
      throw new ParameterException(
          command.commandLine(), "nobody can be asked here; add --yes to remove " + list(devices));
    }
    String answer =
        console.prompt().ask("Remove " + list(devices) + " from " + config.path() + "? [y/N]");
    return answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes");
  }

  private static String list(List<DeviceSection> devices) {
    return devices.size() > 10
        ? devices.size() + " devices"
        : devices.stream().map(DeviceSection::name).collect(Collectors.joining(", "));
  }

  private static JsonArray array(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
