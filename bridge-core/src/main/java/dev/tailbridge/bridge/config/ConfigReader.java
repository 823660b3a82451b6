package dev.tailbridge.bridge.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlTable;

/**
 * Reads {@code devices.toml}.
 *
 * <ul>
 *   <li>Every problem is found in one go, each with line, column and remedy.
 *   <li>A key that nobody knows is an error, and so is one whose function is not built yet.
 *   <li>Nothing but {@link ConfigException} comes out, whatever the file holds.
 * </ul>
 */
public final class ConfigReader {
  private final Path file;
  private final Problems problems;
  private final SecretReader secrets;
  private final BridgeReader bridgeReader;
  private final TailnetReader tailnetReader;

  private ConfigReader(Path file, Function<String, @Nullable String> environment) {
    this.file = file;
    this.problems = new Problems(file.toString());
    this.secrets = new SecretReader(file, environment);
    this.bridgeReader = new BridgeReader(file, secrets);
    this.tailnetReader = new TailnetReader(secrets);
  }

  /**
   * Reads the file and the key files that it names.
   *
   * @param environment gives the value of an environment variable, or null: {@code System::getenv}
   * @throws ConfigException with everything that is wrong
   */
  public static LoadedConfig read(Path file, Function<String, @Nullable String> environment)
      throws ConfigException {
    ConfigReader reader = new ConfigReader(file, environment);
    return reader.read(() -> TomlFile.read(file, reader.problems));
  }

  /**
   * Reads what is to become the content of the file, and the key files that it names.
   *
   * @param file where it will stand; relative paths start at its folder
   * @throws ConfigException with everything that is wrong
   */
  public static LoadedConfig check(
      Path file, String text, Function<String, @Nullable String> environment)
      throws ConfigException {
    ConfigReader reader = new ConfigReader(file, environment);
    return reader.read(
        () -> {
          TomlTable toml = TomlFile.parse(text, reader.problems);
          reader.problems.throwIfAny();
          return toml;
        });
  }

  private interface Source {
    TomlTable toml() throws ConfigException;
  }

  private LoadedConfig read(Source source) throws ConfigException {
    try {
      return read(source.toml());
    } catch (StackOverflowError e) {
      // The TOML parser descends once per bracket and per dot.
      problems.error(null, "lists or tables are nested too deeply; flatten them");
      problems.throwIfAny();
      throw e;
    }
  }

  private LoadedConfig read(TomlTable toml) throws ConfigException {
    Tables tables = new Tables(toml, problems);
    tables.checkSections();
    BridgeSection bridge = bridgeReader.bridge(tables.single("bridge", Section.BRIDGE));
    AdminSection admin = bridgeReader.admin(tables.single("admin", Section.ADMIN));
    Map<String, TailnetSection> tailnets = new LinkedHashMap<>();
    tables
        .tailnets()
        .forEach((name, table) -> tailnets.put(name, tailnetReader.tailnet(name, table)));
    Table defaults = tables.single("defaults", Section.DEVICE);
    UplinkReader.refuseInDefaults(defaults);
    List<Table> blocks = tables.devices(defaults);
    List<DeviceSection> devices = new ArrayList<>();
    List<UplinkSection> uplinks = new ArrayList<>();
    devices(blocks, bridge, tailnets, devices, uplinks);
    boolean complete = devices.size() + uplinks.size() == blocks.size();
    List<GatewaySection> gateways =
        gateways(tables, new GatewayTunnels(devices, uplinks, complete));
    problems.throwIfAny();
    if (blocks.isEmpty()) {
      problems.warning(null, "there is no [[device]] yet, so nothing can connect; add one");
    }
    return new LoadedConfig(
        new BridgeConfig(file, bridge, admin, tailnets, devices, uplinks, gateways),
        problems.warnings());
  }

  private void devices(
      List<Table> blocks,
      BridgeSection bridge,
      Map<String, TailnetSection> tailnets,
      List<DeviceSection> devices,
      List<UplinkSection> uplinks) {
    DeviceReader deviceReader =
        new DeviceReader(bridge.network(), tailnets.keySet(), secrets, tailnetReader);
    UplinkReader uplinkReader = new UplinkReader(deviceReader);
    Uniqueness uniqueness = new Uniqueness(bridge.privateKey());
    for (Table table : blocks) {
      if (UplinkReader.isUplink(table)) {
        UplinkSection uplink = uplinkReader.uplink(table);
        if (uplink != null) {
          uniqueness.check(uplink, table);
          uplinks.add(uplink);
        }
        continue;
      }
      UplinkReader.refuseElsewhere(table);
      DeviceSection device = deviceReader.device(table);
      if (device != null) {
        uniqueness.check(device, table);
        devices.add(device);
      }
    }
  }

  private static List<GatewaySection> gateways(Tables tables, GatewayTunnels tunnels) {
    GatewayReader reader = new GatewayReader(tunnels);
    List<GatewaySection> gateways = new ArrayList<>();
    for (Table table : tables.gateways()) {
      GatewaySection gateway = reader.gateway(table);
      if (gateway != null) {
        gateways.add(gateway);
      }
    }
    return gateways;
  }
}
