package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import dev.tailbridge.bridge.BridgeException;
import dev.tailbridge.bridge.ConfigFile;
import dev.tailbridge.bridge.DeviceDeparture;
import dev.tailbridge.bridge.cli.format.Format;
import dev.tailbridge.bridge.cli.format.JsonText;
import dev.tailbridge.bridge.cli.format.Provision;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bridge device export}: what several devices must be told, a file each. */
@Command(
    name = "export",
    description = {
      "Writes what devices must be told, a file for each, into a folder.",
      "Without --output it prints all of it as JSON.",
      "With --move the devices leave this bridge for another one, machines in the tailnet and all."
    })
final class DeviceExportCommand extends ConfiguredCommand {
  /** For a bridge that runs to let devices go, each with up to some seconds for its node. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Mixin private final FormatOption format = new FormatOption();

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "The devices; left out, all.")
  private List<String> names = List.of();

  @Option(names = "--output", paramLabel = "FOLDER", description = "Where to write the files.")
  private @Nullable Path output;

  @Option(
      names = "--move",
      paramLabel = "FILE",
      description = "Take the devices out of this bridge into a file for bridge device import.")
  private @Nullable Path move;

  DeviceExportCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException, EditException, BridgeException {
    BridgeConfig read = config.read(environment).config();
    if (move != null) {
      return move(read, move);
    }
    Provisions provisions = new Provisions(read);
    Format chosen = format.or(output == null ? Format.JSON : Format.WG_QUICK);
    if (output == null && chosen != Format.JSON) {
      throw new EditException("say where to write the files: add --output FOLDER");
    }
    List<DeviceSection> devices = names.isEmpty() ? read.devices() : Selection.of(read, names);
    List<Provision> told = new ArrayList<>();
    devices.forEach(device -> told.add(provisions.of(device)));
    if (output != null) {
      write(told, chosen, output);
    }
    if (output == null || json) {
      JsonArray all = new JsonArray();
      told.forEach(device -> all.add(JsonText.of(device)));
      console.print(all.toString());
    }
    return ExitCode.OK;
  }

  private int move(BridgeConfig before, Path file)
      throws ConfigException, EditException, BridgeException {
    if (names.isEmpty()) {
      throw new EditException("name the devices that shall leave this bridge");
    }
    DeviceDeparture departure = new DeviceDeparture(before, Selection.of(before, names));
    SecretFile.write(file, departure.pack());
    departure.leave(new ConfigFile(config.path(), environment));
    if (!new RunningBridge(before).awaitGone(names, PATIENCE)) {
      console.error(
          "bridge: they are in "
              + file
              + " and no longer in "
              + config.path()
              + ", but the bridge still runs them; stop it before another one gets them");
      return ExitCode.FAILED;
    }
    departure.erase();
    console.print(String.join(", ", names) + ": in " + file + ", and no longer here");
    console.error("next, at the other bridge: bridge device import " + file.getFileName());
    return ExitCode.OK;
  }

  private void write(List<Provision> devices, Format chosen, Path folder) throws EditException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new EditException(folder + " cannot be made: " + e.getMessage(), e);
    }
    for (Provision device : devices) {
      SecretFile.write(folder.resolve(device.name() + chosen.ending()), chosen.bytes(device));
    }
    console.error(devices.size() + (devices.size() == 1 ? " file" : " files") + " in " + folder);
  }
}
