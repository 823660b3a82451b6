package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code bridge device list}: the devices of the configuration, and how they are if it runs. */
@Command(
    name = "list",
    description = "Lists the devices of the configuration, with their state if the bridge runs.")
final class DeviceListCommand extends ConfiguredCommand {
  private static final List<String> HEADER =
      List.of("NAME", "ADDRESS", "TAILNET", "STATE", "PUBLIC KEY");

  DeviceListCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException {
    BridgeConfig read = config.read(environment).config();
    Optional<JsonObject> status = new RunningBridge(read).status();
    if (json) {
      JsonArray devices = new JsonArray();
      read.devices().forEach(device -> devices.add(DeviceFacts.json(device, status)));
      console.print(devices.toString());
      return ExitCode.OK;
    }
    if (read.devices().isEmpty()) {
      console.error("there are no devices yet; add one with bridge device add NAME");
      return ExitCode.OK;
    }
    List<List<String>> rows = new ArrayList<>(List.of(HEADER));
    for (DeviceSection device : read.devices()) {
      rows.add(
          List.of(
              device.name(),
              device.address().getHostAddress(),
              device.tailnet() == null ? "none" : device.tailnet(),
              DeviceFacts.state(device, status),
              device.publicKey().toBase64()));
    }
    console.printExactly(Columns.aligned(rows));
    if (status.isEmpty()) {
      console.error("the bridge does not run with this configuration, so no state is known");
    }
    return ExitCode.OK;
  }
}
