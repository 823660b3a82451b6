package dev.tailbridge.bridge.admin.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.admin.BridgeView;
import dev.tailbridge.bridge.admin.GatewayView;
import dev.tailbridge.bridge.admin.Pictures;
import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.lab.Binaries;
import dev.tailbridge.wireguard.DropReason;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a scrape of a bridge shows, and docs/metrics.md held against it. */
final class MetricsTest {
  private static final Pattern ROW =
      Pattern.compile("\\| `(\\w+)` \\| (\\w+) \\| ([^|]*) \\| (.+) \\|");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

  private final Metrics metrics = new Metrics();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void thePageNamesWhatIsThereAndNothingElse() throws Exception {
    String scrape =
        metrics.scrape(
            Pictures.bridge(List.of(Pictures.device("greenhouse"), Pictures.plain("shed"))));
    Map<String, String> exported = new TreeMap<>();
    Map<String, Set<String>> labels = labels(scrape);
    Map<String, String> help = new TreeMap<>();
    for (String line : scrape.lines().toList()) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        help.put(words[2], words[3]);
      } else if (line.startsWith("# TYPE ")) {
        exported.put(words[2], words[3] + " " + labels.get(words[2]) + " " + help.get(words[2]));
      }
    }
    Map<String, String> documented = new TreeMap<>();
    for (String line : Files.readAllLines(Binaries.root().resolve("docs/metrics.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        Set<String> named = new TreeSet<>();
        Pattern.compile("`(\\w+)`")
            .matcher(row.group(3))
            .results()
            .forEach(l -> named.add(l.group(1)));
        documented.put(row.group(1), row.group(2) + " " + named + " " + row.group(4));
      }
    }
    assertThat(documented).isEqualTo(exported);
  }

  @Test
  void theNumberOfSeriesIsBoundedByThatOfDevices() {
    // All reasons there are have occurred at every device: no more can come.
    Map<String, Long> drops = new TreeMap<>();
    for (DropReason reason : DropReason.values()) {
      drops.put(reason.name().toLowerCase(Locale.ROOT), 1L);
    }
    for (ForwardDrop reason : ForwardDrop.values()) {
      drops.put(reason.name().toLowerCase(Locale.ROOT), 1L);
    }
    long none = series(metrics.scrape(Pictures.bridge(List.of())));
    long two = series(metrics.scrape(fleet(2, drops)));
    long most = series(metrics.scrape(fleet(200, drops)));
    long each = (two - none) / 2;
    assertThat(each).isLessThanOrEqualTo(43L + drops.size());
    assertThat(most).isEqualTo(none + 200 * each);
    System.out.println("series: " + none + " and " + each + " for each device");
  }

  @Test
  void labelsAreOfAFixedSet() {
    String scrape = metrics.scrape(fleet(3, Map.of("replay", 1L)));
    Set<String> names = new TreeSet<>();
    labels(scrape).values().forEach(names::addAll);
    assertThat(names)
        .containsExactly(
            "area",
            "cause",
            "change",
            "crypto",
            "device",
            "direction",
            "from",
            "gc",
            "id",
            "loop",
            "path",
            "reason",
            "result",
            "rule",
            "state",
            "version");
    assertThat(scrape).doesNotContain("192.0.2.").doesNotContain("other-key");
  }

  @Test
  void whatIsGoneIsGoneAndNewWordsComeWithTheirFirstDrop() {
    metrics.scrape(Pictures.bridge(List.of(Pictures.device("a"), Pictures.plain("b"))));
    String later = metrics.scrape(Pictures.bridge(List.of(Pictures.device("b"))));
    assertThat(later)
        .doesNotContain("device=\"a\"")
        .contains("bridge_device_up{device=\"b\"} 1.0")
        .contains("bridge_device_drops_total{device=\"b\",reason=\"replay\"} 3.0")
        .contains("bridge_node_state{device=\"b\",state=\"Running\"} 1.0")
        .contains("bridge_tailnet_path{device=\"b\",path=\"derp\"} 1.0")
        .contains("bridge_tailnet_path{device=\"b\",path=\"direct\"} 0.0")
        .contains("bridge_splice_dial_seconds_total{device=\"b\"} 0.25")
        .contains("bridge_device_last_handshake_seconds{device=\"b\"} 1.795536E9");
    assertThat(metrics.scrape(Pictures.bridge(List.of()))).doesNotContain("device=\"b\"");
  }

  @Test
  void rulesAtOnePortAreToldApartAndThoseThatAreGoneAreGone() {
    GatewayView udp = rule("egress-udp:514", "a", 3);
    List<GatewayView> rules =
        List.of(rule("egress:9000", "a", 1), rule("egress:9000", "b and others", 10), udp);
    assertThat(metrics.scrape(Pictures.bridge(List.of(), rules)))
        .contains("gateway_connections{from=\"a\",rule=\"egress:9000\"} 1.0")
        .contains("gateway_connections{from=\"b and others\",rule=\"egress:9000\"} 10.0")
        .contains("gateway_calls_total{from=\"a\",result=\"accepted\",rule=\"egress:9000\"} 2.0")
        .contains("gateway_calls_total{from=\"a\",result=\"refused\",rule=\"egress:9000\"} 3.0")
        .contains("gateway_calls_total{from=\"a\",result=\"failed\",rule=\"egress:9000\"} 4.0")
        .contains("gateway_ended_total{cause=\"idle\",from=\"a\",rule=\"egress:9000\"} 5.0")
        .contains("ended_total{cause=\"displaced\",from=\"a\",rule=\"egress-udp:514\"} 18.0")
        .contains("gateway_dropped_datagrams_total{from=\"a\",rule=\"egress-udp:514\"} 21.0")
        .contains("bytes_total{direction=\"to_target\",from=\"a\",rule=\"egress:9000\"} 8.0")
        .contains("bytes_total{direction=\"from_target\",from=\"a\",rule=\"egress:9000\"} 9.0");
    assertThat(metrics.scrape(Pictures.bridge(List.of(), List.of(udp, rules.get(1)))))
        .contains("rule=\"egress-udp:514\"")
        .contains("from=\"b and others\",rule=\"egress:9000\"")
        .doesNotContain("from=\"a\",rule=\"egress:9000\"");
    long none = series(metrics.scrape(Pictures.bridge(List.of(), List.of())));
    List<GatewayView> many =
        IntStream.range(0, GatewayRules.MOST_RULES + 5)
            .mapToObj(i -> rule("r" + i, "", 1))
            .toList();
    assertThat(series(metrics.scrape(Pictures.bridge(List.of(), many))))
        .isEqualTo(none + 9L * GatewayRules.MOST_RULES);
  }

  private static GatewayView rule(String name, String from, int unit) {
    return new GatewayView(
        "for people",
        name,
        from,
        unit,
        2L * unit,
        3L * unit,
        4L * unit,
        5L * unit,
        6L * unit,
        7L * unit,
        8L * unit,
        9L * unit);
  }

  @Test
  void overTheBoundDevicesAreLeftOutAndThatIsTold() {
    String scrape = metrics.scrape(fleet(Metrics.MOST_DEVICES + 7, Map.of()));
    assertThat(scrape)
        .contains("bridge_metrics_devices_left_out 7.0")
        .contains("device=\"d" + (Metrics.MOST_DEVICES - 1) + "\"")
        .doesNotContain("device=\"d" + Metrics.MOST_DEVICES + "\"");
  }

  private static BridgeView fleet(int size, Map<String, Long> drops) {
    return Pictures.bridge(
        IntStream.range(0, size).mapToObj(i -> Pictures.dropping("d" + i, drops)).toList());
  }

  private static long series(String scrape) {
    return scrape.lines().filter(line -> !line.startsWith("#")).count();
  }

  private static Map<String, Set<String>> labels(String scrape) {
    Map<String, Set<String>> labels = new TreeMap<>();
    for (String line : scrape.lines().filter(line -> !line.startsWith("#")).toList()) {
      String name = line.substring(0, line.indexOf(line.contains("{") ? '{' : ' '));
      Set<String> of = labels.computeIfAbsent(name, same -> new TreeSet<>());
      LABEL.matcher(line).results().map((MatchResult found) -> found.group(1)).forEach(of::add);
    }
    return labels;
  }
}
