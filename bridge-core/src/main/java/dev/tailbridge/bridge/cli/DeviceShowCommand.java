package dev.tailbridge.bridge.cli;

import com.google.gson.JsonObject;
import dev.tailbridge.bridge.BridgeException;
import dev.tailbridge.bridge.cli.format.Format;
import dev.tailbridge.bridge.cli.format.JsonText;
import dev.tailbridge.bridge.cli.format.Provision;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bridge device show}: one device, or with {@code --format} what it must be told. */
@Command(
    name = "show",
    description = {
      "Shows a device; with --format, what the device itself must be told.",
      "A private key that was not kept with --store-key is a placeholder there."
    })
final class DeviceShowCommand extends ConfiguredCommand {
  @Mixin private final FormatOption format = new FormatOption();

  @Parameters(paramLabel = "NAME", description = "The device.")
  private String name = "";

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write the configuration to a new file; with --format qr it is a PNG.")
  private @Nullable Path output;

  DeviceShowCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException, EditException, BridgeException {
    BridgeConfig read = config.read(environment).config();
    DeviceSection device = Selection.of(read, name);
    if (format.given() == null && output == null) {
      Optional<JsonObject> status = new RunningBridge(read).status();
      console.printExactly(
          json ? DeviceFacts.json(device, status) + "\n" : DeviceFacts.text(device, status));
      return ExitCode.OK;
    }
    Format chosen = format.or(Format.WG_QUICK);
    Provision provision = new Provisions(read).of(device);
    if (provision.privateKey() == null) {
      console.error(
          "the private key of " + name + " is not kept here: put it where its name stands");
    }
    if (output != null) {
      SecretFile.write(output, chosen.bytes(provision));
      console.error("written to " + output);
    } else if (json && chosen != Format.JSON) {
      JsonObject answer = JsonText.of(provision);
      answer.addProperty("configuration", chosen.text(provision));
      console.print(answer.toString());
    } else {
      console.printExactly(chosen.text(provision));
    }
    return ExitCode.OK;
  }
}
