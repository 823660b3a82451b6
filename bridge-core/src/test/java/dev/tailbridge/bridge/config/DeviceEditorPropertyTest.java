package dev.tailbridge.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Any valid file, however it is laid out, stays the same to the byte outside of the block that is
 * changed, and says the same of everything else.
 */
final class DeviceEditorPropertyTest {
  private static final List<String> SECTIONS =
      List.of(
          "[bridge] # first\nendpoint = \"a.example.net:1\"\n",
          "[admin]\nlisten = '127.0.0.1:9' # [[device]]\n",
          "[tailnet.home]\nauth_key = \"\"\"\nhskey-[[device]]\"\"\" # \"\"\"\ntags = [ # ]\n  \"tag:a\",\n]\n",
          "  [ defaults ]\n  keepalive   =   \"26s\"\n",
          "[tailnet.\"work\"]\n\"auth_key\" = 'x[y]#z'\n");
  private static final List<String> KEYS =
      List.of(
          "hold = \"3s\"\n",
          "  max_connections = 4 # of lwIP\n",
          "\"tcp\" = 'splice'\n",
          "source = \"\"\"client\"\"\"\n",
          "hostname = \"h%s\" # \"name\" = \"x\"\n",
          "# name = \"commented-out\"\n",
          "keepalive = \"off\"\t\n");
  private static final List<String> GAPS =
      List.of("\n", "\n\n", "\n# Between.\n\n", "\n   \n", "\n# One.\n\n# Two.\n\n");

  private Random random = new Random(0);

  /** Pieces of a file; a device's piece has its name. */
  private record Piece(String device, String text) {}

  @Property(tries = 400)
  void removing(@ForAll long seed) throws Exception {
    List<Piece> pieces = file(seed);
    String text = text(pieces);
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.get(i).device().isEmpty()) {
        continue;
      }
      String before = text(pieces.subList(0, i));
      String after = text(pieces.subList(i + 1, pieces.size()));
      String result = DeviceEditor.of(text).remove(pieces.get(i).device()).text();
      assertThat(result)
          .isEqualTo(
              after.isBlank()
                  ? before.replaceFirst("(?<=\n|^)\\s*$", "")
                  : before + after.replaceFirst("^([ \t]*\r?\n)+", ""));
      assertSame(text, result, pieces.get(i).device(), null);
    }
  }

  @Property(tries = 400)
  void adding(@ForAll long seed) throws Exception {
    List<Piece> pieces = file(seed);
    String text = text(pieces);
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("name", "\"new\"");
    keys.put("public_key", TomlText.of(ConfigText.publicKey(99)));
    keys.put("address", "\"10.6.0.200\"");
    keys.put("tailnet", "\"none\"");
    String result = DeviceEditor.of(text).add(keys).text();
    assertThat(common(text, result) + common(reversed(text), reversed(result)))
        .as("the text is what stands before the new block and behind it")
        .isGreaterThanOrEqualTo(text.length());
    assertSame(text, result, null, "new");
    assertThat(DeviceEditor.of(result).remove("new").text())
        .as("and taking it out again")
        .isEqualToNormalizingWhitespace(text);
  }

  private static int common(String a, String b) {
    int length = 0;
    while (length < a.length() && a.charAt(length) == b.charAt(length)) {
      length++;
    }
    return length;
  }

  private static String reversed(String text) {
    return new StringBuilder(text).reverse().toString();
  }

  @Property(tries = 400)
  void changing(@ForAll long seed) throws Exception {
    List<Piece> pieces = file(seed);
    String text = text(pieces);
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.get(i).device().isEmpty()) {
        continue;
      }
      String name = pieces.get(i).device();
      String before = text(pieces.subList(0, i));
      String after = text(pieces.subList(i + 1, pieces.size()));
      for (DeviceEditor changed :
          List.of(
              DeviceEditor.of(text).set(name, "hold", "\"7s\""),
              DeviceEditor.of(text).set(name, "stale_clock", "\"drop\""),
              DeviceEditor.of(text).unset(name, "keepalive"))) {
        assertThat(changed.text()).startsWith(before).endsWith(after);
        assertSame(text, changed.text(), name, name);
      }
      assertThat(device(DeviceEditor.of(text).set(name, "hold", "\"7s\"").text(), name).hold())
          .hasSeconds(7);
    }
  }

  /** Everything but one device is read from both texts alike. */
  private static void assertSame(String before, String after, String without, String added)
      throws ConfigException {
    BridgeConfig old = read(before);
    BridgeConfig now = read(after);
    assertThat(now.bridge()).isEqualTo(old.bridge());
    assertThat(now.admin()).isEqualTo(old.admin());
    assertThat(now.tailnets()).isEqualTo(old.tailnets());
    assertThat(now.devices().stream().filter(d -> !d.name().equals(added)).toList())
        .isEqualTo(old.devices().stream().filter(d -> !d.name().equals(without)).toList());
    assertThat(now.devices().stream().anyMatch(d -> d.name().equals(added)))
        .isEqualTo(added != null);
  }

  private static DeviceSection device(String text, String name) throws ConfigException {
    return read(text).devices().stream().filter(d -> d.name().equals(name)).findAny().orElseThrow();
  }

  private static BridgeConfig read(String text) throws ConfigException {
    return ConfigReader.check(Path.of("devices.toml"), text, name -> null).config();
  }

  private List<Piece> file(long seed) {
    random = new Random(seed);
    List<String> sections = new ArrayList<>(SECTIONS);
    List<Piece> pieces = new ArrayList<>();
    if (random.nextBoolean()) {
      pieces.add(new Piece("", "# The file.\n\n"));
    }
    int devices = random.nextInt(5);
    int made = 0;
    while (!sections.isEmpty() || made < devices) {
      boolean device = made < devices && (sections.isEmpty() || random.nextBoolean());
      pieces.add(
          device
              ? device(made++)
              : new Piece("", sections.remove(random.nextInt(sections.size()))));
      boolean last = sections.isEmpty() && made == devices;
      if (!last || random.nextBoolean()) {
        pieces.add(new Piece("", GAPS.get(random.nextInt(last ? 2 : GAPS.size()))));
      }
    }
    boolean windows = random.nextInt(4) == 0;
    return pieces.stream()
        .map(p -> windows ? new Piece(p.device(), p.text().replace("\n", "\r\n")) : p)
        .toList();
  }

  private Piece device(int number) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "name = \"device-" + number + "\"\n",
                "public_key = '" + ConfigText.publicKey(number + 1) + "'\n",
                "address = \"10.6.0." + (number + 2) + "\" # ]]\n",
                "tailnet = \"home\"\n"));
    for (String key : KEYS) {
      if (random.nextInt(3) == 0) {
        lines.add(random.nextInt(lines.size() + 1), key.formatted(number));
      }
    }
    String comment = random.nextBoolean() ? "# Of device " + number + ".\n" : "";
    String header = random.nextBoolean() ? "[[device]]\n" : " [[ 'device' ]] # here\n";
    return new Piece("device-" + number, comment + header + String.join("", lines));
  }

  private static String text(List<Piece> pieces) {
    StringBuilder text = new StringBuilder();
    pieces.forEach(piece -> text.append(piece.text()));
    return text.toString();
  }
}
