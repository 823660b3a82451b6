package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import dev.tailbridge.bridge.BridgeException;
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
      "Without --output it prints all of it as JSON."
    })
final class DeviceExportCommand extends ConfiguredCommand {
  @Mixin private final FormatOption format = new FormatOption();

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "The devices; left out, all.")
  private List<String> names = List.of();

  @Option(names = "--output", paramLabel = "FOLDER", description = "Where to write the files.")
  private @Nullable Path output;

  DeviceExportCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException, EditException, BridgeException {
    BridgeConfig read = config.read(environment).config();
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
