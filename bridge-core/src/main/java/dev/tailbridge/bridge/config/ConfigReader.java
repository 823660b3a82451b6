package dev.tailbridge.bridge.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
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
  private static final long MAX_FILE_BYTES = 4 << 20;
  private static final TomlPosition START = TomlPosition.positionAt(1, 1);
  private static final List<String> SECTIONS =
      List.of("bridge", "admin", "tailnet", "defaults", "device", "gateway");

  private final Path file;
  private final Problems problems;
  private final BridgeReader bridgeReader;
  private final TailnetReader tailnetReader;
  private final SecretReader secrets;

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
    try {
      return reader.read();
    } catch (BadValueException e) {
      throw new AssertionError("a default of our own is wrong", e);
    } catch (StackOverflowError e) {
      // The TOML parser descends once per bracket.
      reader.problems.error(null, "lists or tables are nested too deeply; flatten them");
      reader.problems.throwIfAny();
      throw e;
    }
  }

  private LoadedConfig read() throws ConfigException, BadValueException {
    TomlTable toml = parse(text());
    checkSections(toml);
    BridgeSection bridge = bridgeReader.bridge(table(toml, "bridge", Section.BRIDGE));
    AdminSection admin = bridgeReader.admin(table(toml, "admin", Section.ADMIN));
    Map<String, TailnetSection> tailnets = tailnets(toml);
    Table defaults = table(toml, "defaults", Section.DEVICE);
    DeviceReader deviceReader =
        new DeviceReader(bridge.network(), tailnets.keySet(), secrets, tailnetReader);
    Uniqueness uniqueness = new Uniqueness(bridge.privateKey());
    List<DeviceSection> devices = new ArrayList<>();
    for (Table table : deviceTables(toml, defaults)) {
      DeviceSection device = deviceReader.device(table);
      if (device != null) {
        uniqueness.check(device, table);
        devices.add(device);
      }
    }
    problems.throwIfAny();
    if (devices.isEmpty()) {
      problems.warning(null, "there is no [[device]] yet, so nothing can connect; add one");
    }
    return new LoadedConfig(
        new BridgeConfig(file, bridge, admin, tailnets, devices), problems.warnings());
  }

  private String text() throws ConfigException {
    String problem;
    try {
      if (Files.isDirectory(file)) {
        problem = "is a folder; name the file, as in --config devices.toml";
      } else if (Files.size(file) > MAX_FILE_BYTES) {
        problem = "is bigger than 4 MiB; is it the right file?";
      } else {
        return Files.readString(file, StandardCharsets.UTF_8);
      }
    } catch (NoSuchFileException e) {
      problem =
          "no such file; write one (docs/configuration.md shows how), or name another with --config";
    } catch (CharacterCodingException e) {
      problem = "is not UTF-8 text; is it the right file?";
    } catch (IOException e) {
      problem = "cannot be read; let the user that runs the bridge read it";
    }
    problems.error(null, problem);
    problems.throwIfAny();
    throw new AssertionError("the problem was thrown");
  }

  private TomlTable parse(String text) throws ConfigException {
    TomlParseResult result = Toml.parse(text);
    for (TomlParseError error : result.errors()) {
      problems.error(error.position(), "not valid TOML: " + error.getMessage());
    }
    problems.throwIfAny();
    return result;
  }

  private void checkSections(TomlTable toml) {
    for (String name : toml.keySet()) {
      if (name.equals("gateway")) {
        problems.error(
            toml.inputPositionOf(List.of(name)), "[[gateway]] is not in this version; remove it");
      } else if (!SECTIONS.contains(name)) {
        problems.error(
            toml.inputPositionOf(List.of(name)),
            "unknown section \""
                + name
                + "\""
                + NearestName.hint(
                    name,
                    SECTIONS,
                    "; known are [bridge], [admin], [tailnet.NAME], [defaults] and [[device]]"));
      }
    }
  }

  /** The table of that name, checked for unknown keys; an empty one when it is absent. */
  private Table table(TomlTable parent, String name, Section section) {
    TomlPosition at = parent.inputPositionOf(List.of(name));
    Object value = parent.get(List.of(name));
    if (value != null && !(value instanceof TomlTable)) {
      problems.error(at, "\"" + name + "\" must be a table; write [" + name + "]");
    }
    Table table =
        new Table(
            value instanceof TomlTable toml ? toml : Toml.parse(""),
            "[" + name + "]",
            at == null ? START : at,
            section,
            problems,
            null);
    table.checkKeys();
    return table;
  }

  private Map<String, TailnetSection> tailnets(TomlTable toml) {
    Map<String, TailnetSection> tailnets = new LinkedHashMap<>();
    Object value = toml.get(List.of("tailnet"));
    if (value == null) {
      return tailnets;
    }
    if (!(value instanceof TomlTable parent)) {
      problems.error(
          toml.inputPositionOf(List.of("tailnet")),
          "\"tailnet\" must be a table; write [tailnet.NAME]");
      return tailnets;
    }
    for (String name : parent.keySet()) {
      TomlPosition at = parent.inputPositionOf(List.of(name));
      if (!(parent.get(List.of(name)) instanceof TomlTable child)) {
        problems.error(
            at,
            "\"" + name + "\" stands in [tailnet] itself; give the tailnet a name: [tailnet.home]");
        continue;
      }
      try {
        if (DnsLabel.parse(name).equals("none")) {
          throw new BadValueException("\"none\" means no tailnet; choose another name");
        }
      } catch (BadValueException e) {
        problems.error(at, "[tailnet." + name + "]: " + e.problem());
      }
      Table table =
          new Table(
              child,
              "[tailnet." + name + "]",
              at == null ? START : at,
              Section.TAILNET,
              problems,
              null);
      table.checkKeys();
      tailnets.put(name, tailnetReader.tailnet(name, table));
    }
    return tailnets;
  }

  private List<Table> deviceTables(TomlTable toml, Table defaults) {
    List<Table> tables = new ArrayList<>();
    Object value = toml.get(List.of("device"));
    if (value == null) {
      return tables;
    }
    if (!(value instanceof TomlArray array)) {
      problems.error(
          toml.inputPositionOf(List.of("device")),
          "each device is a list entry; write [[device]] with two brackets");
      return tables;
    }
    for (int i = 0; i < array.size(); i++) {
      if (!(array.get(i) instanceof TomlTable child)) {
        problems.error(array.inputPositionOf(i), "each device is a table; write [[device]]");
        continue;
      }
      String label =
          child.get(List.of("name")) instanceof String name
              ? "[[device]] \"" + name + "\""
              : "[[device]] number " + (i + 1);
      TomlPosition at = array.inputPositionOf(i);
      Table table =
          new Table(child, label, at == null ? START : at, Section.DEVICE, problems, defaults);
      table.checkKeys();
      tables.add(table);
    }
    return tables;
  }
}
