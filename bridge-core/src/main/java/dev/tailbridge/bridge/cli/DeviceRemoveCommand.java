package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.tailbridge.bridge.ConfigFile;
import dev.tailbridge.bridge.DeviceRemoval;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bridge device remove}: takes devices out, and says what is left to do by hand. */
@Command(
    name = "remove",
    description = "Removes devices from the configuration and says what is left to do by hand.")
final class DeviceRemoveCommand extends ConfiguredCommand {
  @Spec private CommandSpec command = CommandSpec.create(); // the parser puts the real one here

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "The devices.")
  private List<String> names = List.of();

  @Option(names = "--all", description = "All devices of the configuration.")
  private boolean all;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  DeviceRemoveCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
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
    RunningBridge running = new RunningBridge(before);
    Optional<JsonObject> status = running.status();
    // Before the file changes, since a bridge forgets devices that are no longer in it.
    Map<String, JsonObject> nodes = status.isPresent() ? removeNodes(running, devices) : Map.of();
    DeviceRemoval removal = new DeviceRemoval(before, new ConfigFile(config.path(), environment));
    List<String> erased = devices.isEmpty() ? List.of() : removal.remove(devices);
    List<String> left = new RemovalNotes(before, removal, status, nodes).of(devices);
    if (json) {
      JsonObject answer = new JsonObject();
      answer.add("removed", array(devices.stream().map(DeviceSection::name).toList()));
      answer.add("erased", array(erased));
      answer.add("left", array(left));
      if (!nodes.isEmpty()) {
        JsonArray list = new JsonArray();
        nodes.values().forEach(list::add);
        answer.add("nodes", list);
      }
      console.print(answer.toString());
      return ExitCode.OK;
    }
    console.print(
        devices.isEmpty()
            ? "there are no devices in " + config.path()
            : "removed " + list(devices) + " from " + config.path());
    nodes.values().forEach(node -> console.print(text(node)));
    erased.forEach(console::print);
    if (!left.isEmpty()) {
      console.print("left to do:");
      left.forEach(line -> console.print("- " + line));
    }
    return ExitCode.OK;
  }

  private static Map<String, JsonObject> removeNodes(
      RunningBridge running, List<DeviceSection> devices) {
    Map<String, JsonObject> nodes = new LinkedHashMap<>();
    for (DeviceSection device : devices) {
      if (device.tailnet() != null) {
        running.removeNode(device.name()).ifPresent(node -> nodes.put(device.name(), node));
      }
    }
    return nodes;
  }

  private static String text(JsonObject node) {
    boolean deleted = Cells.text(node, "deleted").equals("true");
    boolean loggedOut = Cells.text(node, "loggedOut").equals("true");
    return "the tailnet node of "
        + Cells.text(node, "device")
        + (deleted
            ? " is gone: machine " + Cells.text(node, "machine") + " was deleted"
            : loggedOut ? " was logged out" : " was stopped");
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
