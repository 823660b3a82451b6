package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.BridgeException;
import dev.tailbridge.bridge.BridgeKey;
import dev.tailbridge.bridge.ConfigFile;
import dev.tailbridge.bridge.DeviceArrival;
import dev.tailbridge.bridge.DeviceBundle;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.EditException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code bridge device import}: takes in what {@code device export --move} took out elsewhere. */
@Command(
    name = "import",
    description = {
      "Takes in the devices that bridge device export --move took out of another bridge.",
      "They keep name, address, keys and the machine that they are in the tailnet."
    })
final class DeviceImportCommand extends ImportingCommand {
  @Parameters(paramLabel = "FILE", description = "The file that the other bridge made.")
  private Path source = Path.of("");

  DeviceImportCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException, EditException, BridgeException {
    BridgeConfig before = config.read(environment).config();
    DeviceBundle bundle = DeviceBundle.read(source);
    new DeviceArrival(before, tailnet).take(bundle, new ConfigFile(config.path(), environment));
    List<String> names = bundle.devices().stream().map(DeviceBundle.Moved::name).toList();
    List<String> notes = new ArrayList<>();
    if (!BridgeKey.of(before).toBase64().equals(bundle.bridgePublicKey())) {
      notes.add(
          "this bridge has another key than the one they know: tell each what bridge device show"
              + " NAME --format … prints");
    }
    notes.add("remove " + source + ": it holds their secrets, and must never be imported twice");
    report(names, List.of("added " + String.join(", ", names) + " to " + config.path()), notes);
    return ExitCode.OK;
  }
}
