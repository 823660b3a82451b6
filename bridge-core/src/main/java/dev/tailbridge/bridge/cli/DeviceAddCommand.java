package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.tailbridge.bridge.BridgeException;
import dev.tailbridge.bridge.ConfigFile;
import dev.tailbridge.bridge.NewDevice;
import dev.tailbridge.bridge.cli.format.Format;
import dev.tailbridge.bridge.cli.format.JsonText;
import dev.tailbridge.bridge.cli.format.Provision;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.TomlText;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code bridge device add}: puts a device into the configuration and prints the device's own. */
@Command(
    name = "add",
    description = {
      "Adds a device to the configuration and prints what the device itself must be told.",
      "Unless --public-key names one, it makes the device's private key: that is shown this once."
    })
final class DeviceAddCommand extends ConfiguredCommand {
  /**
   * For a bridge that runs to take the device up and its node to join: some two seconds, and more
   * on a small computer that is busy.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Mixin private final FormatOption format = new FormatOption();

  @Parameters(paramLabel = "NAME", description = "Its host name in the tailnet.")
  private String name = "";

  @Option(
      names = "--public-key",
      paramLabel = "KEY",
      converter = KeyConverter.class,
      description = "The public key of a device that has made its own private key.")
  private @Nullable PublicKey publicKey;

  @Option(
      names = "--psk",
      description = "Make a second secret, a preshared key; it is kept beside the configuration.")
  private boolean psk;

  @Option(
      names = "--store-key",
      description = "Keep the private key in the state directory, to show it again.")
  private boolean storeKey;

  @Option(
      names = "--address",
      paramLabel = "IP",
      description = "Its tunnel address; left out, the lowest that is free.")
  private @Nullable String address;

  @Option(
      names = "--tailnet",
      paramLabel = "TAILNET",
      description = "Its tailnet, where the configuration has several, or none.")
  private @Nullable String tailnet;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any other key of its block, as in --set keepalive=off.")
  private Map<String, String> more = new LinkedHashMap<>();

  @Option(names = "--output", paramLabel = "FILE", description = "Write to a new file instead.")
  private @Nullable Path output;

  DeviceAddCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException, EditException, BridgeException {
    BridgeConfig before = config.read(environment).config();
    Provisions provisions = new Provisions(before);
    if (output != null && Files.exists(output)) {
      throw new EditException(output + " exists already; nothing was done, name another file");
    }
    SecureRandom random = new SecureRandom();
    PublicKey given = publicKey;
    PrivateKey made = given == null ? PrivateKey.generate(random) : null;
    DeviceSection device =
        new NewDevice(
                name,
                made == null ? Objects.requireNonNull(given) : made.publicKey(),
                psk ? PresharedKey.generate(random) : null,
                address,
                keys())
            .addTo(new ConfigFile(config.path(), environment), config.path());
    List<String> notes = new ArrayList<>();
    notes.add(
        "added " + name + " with " + device.address().getHostAddress() + " to " + config.path());
    if (made != null && storeKey) {
      provisions.keys().store(name, made);
      notes.add("its private key is kept in " + provisions.keys().file(name));
    } else if (made != null) {
      notes.add("its private key is shown this once and kept nowhere");
    }
    RunningBridge bridge = new RunningBridge(before);
    boolean runs = bridge.status().isPresent();
    if (!runs) {
      notes.add("start the bridge to let it in: java -jar bridge.jar --config " + config.path());
    }
    Provision told = provisions.of(device, made);
    if (json) {
      // One document, so it comes at the end.
      Optional<JsonObject> status = runs ? bridge.await(name, PATIENCE) : Optional.empty();
      write(told, notes);
      printJson(told, status, notes);
      return ExitCode.OK;
    }
    notes.forEach(console::error);
    print(told);
    if (runs) {
      console.error(DeviceFacts.taken(name, bridge.await(name, PATIENCE)));
    }
    return ExitCode.OK;
  }

  private Map<String, String> keys() {
    Map<String, String> keys = new LinkedHashMap<>();
    if (tailnet != null) {
      keys.put("tailnet", TomlText.of(tailnet));
    }
    more.forEach((key, value) -> keys.put(key, TomlText.ofWritten(value)));
    return keys;
  }

  private void print(Provision device) throws EditException {
    List<String> notes = new ArrayList<>();
    write(device, notes);
    notes.forEach(console::error);
    if (output == null) {
      console.printExactly(format.or(Format.WG_QUICK).text(device));
    }
  }

  private void write(Provision device, List<String> notes) throws EditException {
    Format chosen = format.or(Format.WG_QUICK);
    if (output == null) {
      return;
    }
    try {
      SecretFile.write(output, chosen.bytes(device));
      notes.add("its configuration is in " + output);
    } catch (EditException e) {
      console.printExactly(chosen.text(device)); // its key would be lost
      throw e;
    }
  }

  private void printJson(Provision device, Optional<JsonObject> status, List<String> notes) {
    JsonObject answer = JsonText.of(device);
    Format chosen = format.or(Format.JSON);
    if (output == null && chosen != Format.JSON) {
      answer.addProperty("configuration", chosen.text(device));
    }
    status.ifPresent(found -> answer.add("status", found));
    JsonArray said = new JsonArray();
    notes.forEach(said::add);
    answer.add("notes", said);
    console.print(answer.toString());
  }

  static final class KeyConverter implements ITypeConverter<PublicKey> {
    @Override
    public PublicKey convert(String text) {
      try {
        return PublicKey.fromBase64(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
