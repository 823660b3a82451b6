package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.BridgeException;
import dev.tailbridge.bridge.BridgeKey;
import dev.tailbridge.bridge.ConfigFile;
import dev.tailbridge.bridge.NewDevice;
import dev.tailbridge.bridge.NodeStates;
import dev.tailbridge.bridge.cli.format.WgServerConf;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.TomlText;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bridge import}: makes devices of the peers of a WireGuard server. */
@Command(
    name = "import",
    description = {
      "Makes devices of the peers in the file of a WireGuard server, wg0.conf. They keep keys and",
      "addresses, and are named by the comment above each [Peer]. A bridge without a key of its own",
      "yet takes that of the server, so that the devices need not be touched."
    })
final class ImportCommand extends ImportingCommand {
  @Parameters(paramLabel = "WG.CONF", description = "The file of the WireGuard server.")
  private Path source = Path.of("wg0.conf");

  @Option(
      names = "--nodes",
      paramLabel = "FOLDER",
      description = {
        "Where esp32-tailbridge kept the states of its tailscaleds, usually /var/lib: devices stay",
        "the machines that they are."
      })
  private @Nullable Path nodes;

  ImportCommand(Console console, Function<String, @Nullable String> environment) {
    super(console, environment);
  }

  @Override
  public Integer call() throws ConfigException, EditException, BridgeException {
    BridgeConfig before = config.read(environment).config();
    WgServerConf conf = parse();
    Map<String, String> more = new LinkedHashMap<>();
    if (tailnet != null) {
      more.put("tailnet", TomlText.of(tailnet));
    }
    NodeStates states = nodes == null ? null : new NodeStates(nodes, before, tailnet);
    ImportPlan plan =
        new ImportPlan(before, conf, more, states == null ? address -> "" : states::hostname);
    if (!plan.devices().isEmpty()) {
      add(plan.devices(), states);
    }
    List<String> notes = new ArrayList<>(plan.skipped());
    if (states != null) {
      notes.addAll(states.notes());
    }
    PrivateKey key = conf.privateKey();
    if (key != null && BridgeKey.adopt(before, key)) {
      notes.add("the bridge has the server's key now");
    } else if (key != null && !BridgeKey.of(before).equals(key.publicKey())) {
      notes.add(
          "the devices know the server's key, and the bridge has another: put the server's"
              + " PrivateKey into a file and name that as private_key_file in [bridge]");
    }
    report(plan.devices().stream().map(NewDevice::name).toList(), lines(plan.devices()), notes);
    return ExitCode.OK;
  }

  private void add(List<NewDevice> devices, @Nullable NodeStates states)
      throws ConfigException, EditException {
    // Before the configuration names the devices, so that a bridge that runs finds their nodes.
    if (states != null) {
      devices.forEach(states::bring);
    }
    boolean added = false;
    try {
      NewDevice.addAll(devices, new ConfigFile(config.path(), environment), config.path());
      added = true;
    } finally {
      if (states != null && !added) {
        states.takeBack();
      }
    }
  }

  private WgServerConf parse() throws EditException {
    try {
      return WgServerConf.parse(Files.readString(source));
    } catch (IOException e) {
      throw new EditException(source + " cannot be read as text; is it the right file?", e);
    } catch (WgServerConf.MalformedException e) {
      throw new EditException(source + ", " + e.getMessage(), e);
    }
  }

  private static List<String> lines(List<NewDevice> devices) {
    return devices.isEmpty()
        ? List.of("nothing was added")
        : devices.stream().map(d -> "added " + d.name() + " with " + d.address()).toList();
  }
}
