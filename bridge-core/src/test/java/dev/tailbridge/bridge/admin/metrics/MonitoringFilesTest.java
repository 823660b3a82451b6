package dev.tailbridge.bridge.admin.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.admin.Pictures;
import dev.tailbridge.lab.Binaries;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds dashboards and alert rules against what a bridge exports. */
final class MonitoringFilesTest {
  private static final Pattern METRIC = Pattern.compile("\\b(?:bridge|jvm|process)_[a-z_]+");
  private static final Pattern SELECTOR =
      Pattern.compile("\\b((?:bridge|jvm|process)_[a-z_]+)\\{([^}]*)\\}");
  private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(=~|=|!=|!~)\\s*\"([^\"]*)\"");

  /** What Prometheus adds itself. */
  private static final Set<String> TARGET = Set.of("instance", "job");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "deploy/grafana/fleet.json",
        "deploy/grafana/device.json",
        "deploy/prometheus/alerts.yml"
      })
  void everyMetricLabelAndValueThatIsNamedExists(String file) throws Exception {
    Map<String, Map<String, Set<String>>> exported = exported();
    // Within JSON the quotes of expressions are escaped.
    String text = read(file).replace("\\\"", "\"");
    Set<String> named = new TreeSet<>();
    METRIC.matcher(text).results().forEach(found -> named.add(found.group()));
    assertThat(named).hasSizeGreaterThan(8);
    assertThat(exported.keySet()).containsAll(named);
    SELECTOR
        .matcher(text)
        .results()
        .forEach(
            found -> {
              Map<String, Set<String>> labels = exported.get(found.group(1));
              Matcher label = LABEL.matcher(found.group(2));
              while (label.find()) {
                if (TARGET.contains(label.group(1))) {
                  continue;
                }
                assertThat(labels).as(found.group()).containsKey(label.group(1));
                if (!label.group(3).startsWith("$")) {
                  assertThat(labels.get(label.group(1)))
                      .as(found.group())
                      .containsAll(List.of(label.group(3).split("\\|")));
                }
              }
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"deploy/grafana/fleet.json", "deploy/grafana/device.json"})
  void dashboardsAreWhole(String file) throws Exception {
    JsonObject board = JsonParser.parseString(read(file)).getAsJsonObject();
    assertThat(board.get("uid").getAsString()).startsWith("tailbridge-");
    Set<Integer> numbers = new HashSet<>();
    JsonArray panels = board.getAsJsonArray("panels");
    for (JsonElement panel : panels) {
      JsonObject one = panel.getAsJsonObject();
      assertThat(numbers.add(one.get("id").getAsInt())).as("one of its own").isTrue();
      assertThat(one.getAsJsonArray("targets")).isNotEmpty();
      JsonObject place = one.getAsJsonObject("gridPos");
      assertThat(place.get("x").getAsInt() + place.get("w").getAsInt()).isLessThanOrEqualTo(24);
    }
  }

  @Test
  void everyAlertSaysWhatToDo() throws Exception {
    List<String> alerts = List.of(read("deploy/prometheus/alerts.yml").split("- alert: "));
    assertThat(alerts).hasSizeGreaterThan(10);
    for (String alert : alerts.subList(1, alerts.size())) {
      assertThat(alert).contains("expr: ", "severity: ", "summary: \"", "description: \"");
    }
  }

  /** Label values by label by metric. */
  private static Map<String, Map<String, Set<String>>> exported() {
    Map<String, Map<String, Set<String>>> exported = new HashMap<>();
    try (Metrics metrics = new Metrics()) {
      String scrape = metrics.scrape(Pictures.bridge(List.of(Pictures.device("d"))));
      for (String line : scrape.lines().filter(line -> !line.startsWith("#")).toList()) {
        String name = line.split("[{ ]", 2)[0];
        Map<String, Set<String>> labels = exported.computeIfAbsent(name, same -> new HashMap<>());
        Matcher label = LABEL.matcher(line);
        while (label.find()) {
          labels.computeIfAbsent(label.group(1), same -> new HashSet<>()).add(label.group(3));
        }
      }
    }
    return exported;
  }

  private static String read(String file) throws IOException {
    return Files.readString(Binaries.root().resolve(file));
  }
}
