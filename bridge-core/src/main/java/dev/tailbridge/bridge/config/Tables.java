package dev.tailbridge.bridge.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Walks the file from table to table; each table it hands out had its keys checked. */
final class Tables {
  private static final TomlPosition START = TomlPosition.positionAt(1, 1);
  private static final List<String> SECTIONS =
      List.of("bridge", "admin", "tailnet", "defaults", "device", "gateway");

  private final TomlTable toml;
  private final Problems problems;

  Tables(TomlTable toml, Problems problems) {
    this.toml = toml;
    this.problems = problems;
  }

  /** Reports tables that nobody knows or whose function is not built yet. */
  void checkSections() {
    for (String name : toml.keySet()) {
      if (!SECTIONS.contains(name)) {
        String known =
            "; known are [bridge], [admin], [tailnet.NAME], [defaults], [[device]] and [[gateway]]";
        problems.error(
            positionOf(name),
            "unknown section " + Quote.of(name) + NearestName.hint(name, SECTIONS, known));
      }
    }
  }

  /** The one table of that name; an empty one when it is absent. */
  Table single(String name, Section section) {
    Object value = toml.get(List.of(name));
    if (value != null && !(value instanceof TomlTable)) {
      problems.error(positionOf(name), "\"" + name + "\" must be a table; write [" + name + "]");
    }
    TomlTable table = value instanceof TomlTable found ? found : Toml.parse("");
    return checked(new Table(table, "[" + name + "]", positionOf(name), section, problems, null));
  }

  /** The tables {@code [tailnet.NAME]} by name. */
  Map<String, Table> tailnets() {
    Map<String, Table> tables = new LinkedHashMap<>();
    Object value = toml.get(List.of("tailnet"));
    if (value == null) {
      return tables;
    }
    if (!(value instanceof TomlTable parent)) {
      problems.error(positionOf("tailnet"), "\"tailnet\" must be a table; write [tailnet.NAME]");
      return tables;
    }
    for (String name : parent.keySet()) {
      TomlPosition found = parent.inputPositionOf(List.of(name));
      TomlPosition at = found == null ? START : found;
      if (parent.get(List.of(name)) instanceof TomlTable child) {
        String label = "[tailnet." + name + "]";
        tables.put(name, checked(new Table(child, label, at, Section.TAILNET, problems, null)));
      } else {
        problems.error(
            at,
            Quote.of(name)
                + " stands in [tailnet] itself; give the tailnet a name: [tailnet.home]");
      }
    }
    return tables;
  }

  /** The tables {@code [[device]]} in file order. */
  List<Table> devices(Table defaults) {
    return list("device", Section.DEVICE, defaults);
  }

  /** The tables {@code [[gateway]]} in file order. */
  List<Table> gateways() {
    return list("gateway", Section.GATEWAY, null);
  }

  private List<Table> list(String name, Section section, @Nullable Table defaults) {
    List<Table> tables = new ArrayList<>();
    Object value = toml.get(List.of(name));
    if (value == null) {
      return tables;
    }
    String title = section.title();
    if (!(value instanceof TomlArray array)) {
      problems.error(
          positionOf(name),
          "each " + name + " is a list entry; write " + title + " with two brackets");
      return tables;
    }
    for (int i = 0; i < array.size(); i++) {
      TomlPosition at = array.inputPositionOf(i);
      if (!(array.get(i) instanceof TomlTable child)) {
        problems.error(at, "each " + name + " is a table; write " + title);
        continue;
      }
      String label =
          child.get(List.of("name")) instanceof String called && section.keys().containsKey("name")
              ? title + " " + Quote.of(called)
              : title + " number " + (i + 1);
      tables.add(
          checked(new Table(child, label, at == null ? START : at, section, problems, defaults)));
    }
    return tables;
  }

  private static Table checked(Table table) {
    table.checkKeys();
    return table;
  }

  private TomlPosition positionOf(String name) {
    TomlPosition at = toml.inputPositionOf(List.of(name));
    return at == null ? START : at;
  }
}
