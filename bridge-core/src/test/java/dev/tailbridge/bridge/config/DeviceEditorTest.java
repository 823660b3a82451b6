package dev.tailbridge.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a change does to the text, by example. */
final class DeviceEditorTest {
  private static final String FILE =
      """
      # My bridge.

      [tailnet.home] # the only one
      auth_key_env = "KEY"

      # Behind the house.
      [[device]]
        name = "greenhouse"   # by the door
        address = "10.6.0.2"
        # keepalive = "off"

      # Devices of the hall follow.

      [[device]]
      name = 'hall'
      address = "10.6.0.3"
      [device.ports]
      tcp = [
        80, # a ] in a comment
      ]

      [admin]
      listen = "127.0.0.1:1"
      """;

  @Test
  void addsBehindTheLastDevice() throws Exception {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("name", TomlText.of("bo\"iler"));
    keys.put("hold", "\"1s\"");
    assertThat(DeviceEditor.of(FILE).add(keys).text())
        .isEqualTo(
            FILE.replace(
                "]\n\n[admin]",
                "]\n\n[[device]]\nname = \"bo\\\"iler\"\nhold = \"1s\"\n\n[admin]"));
  }

  @Test
  void addsTheFirstDeviceAtTheEnd() throws Exception {
    Map<String, String> keys = Map.of("name", "\"a\"");
    assertThat(DeviceEditor.of("").add(keys).text()).isEqualTo("[[device]]\nname = \"a\"\n");
    assertThat(DeviceEditor.of("[admin]").add(keys).text())
        .isEqualTo("[admin]\n\n[[device]]\nname = \"a\"\n");
    assertThat(DeviceEditor.of("[admin]\r\n\r\n").add(keys).text())
        .isEqualTo("[admin]\r\n\r\n[[device]]\r\nname = \"a\"\r\n");
  }

  @Test
  void removesABlockWithItsCommentsAndLeavesThoseOfOthers() throws Exception {
    DeviceEditor editor = DeviceEditor.of(FILE);
    assertThat(editor.remove("greenhouse").text())
        .isEqualTo(
            FILE.substring(0, FILE.indexOf("# Behind"))
                + FILE.substring(FILE.indexOf("# Devices of")));
    assertThat(editor.remove("hall").text())
        .isEqualTo(
            FILE.substring(0, FILE.indexOf("[[device]]\nname = 'hall'"))
                + FILE.substring(FILE.indexOf("[admin]")));
  }

  @Test
  void aTableOfADeviceThatStandsApartGoesWithIt() throws Exception {
    String text =
        "[[device]]\nname = \"a\"\n[admin]\n# for a\n[device.ports]\nx = 1\n\n\n[bridge]\n";
    assertThat(DeviceEditor.of(text).remove("a").text()).isEqualTo("[admin]\n[bridge]\n");
    assertThat(DeviceEditor.of(text).add(Map.of("name", "\"b\"")).text())
        .isEqualTo(text.replace("\n\n\n[b", "\n\n[[device]]\nname = \"b\"\n\n\n[b"));
  }

  @Test
  void theLastBlockTakesTheBlankLinesBeforeItAlong() throws Exception {
    assertThat(DeviceEditor.of("[admin]\n\n\n[[device]]\nname = \"a\"").remove("a").text())
        .isEqualTo("[admin]\n");
  }

  @Test
  void setsAValueAndKeepsItsComment() throws Exception {
    assertThat(DeviceEditor.of(FILE).set("greenhouse", "name", "\"glass\"").text())
        .isEqualTo(FILE.replace("\"greenhouse\"", "\"glass\""));
    assertThat(DeviceEditor.of(FILE).set("greenhouse", "hold", "\"1s\"").text())
        .isEqualTo(FILE.replace("\"10.6.0.2\"\n", "\"10.6.0.2\"\n  hold = \"1s\"\n"));
    assertThat(DeviceEditor.of(FILE).set("hall", "hold", "\"1s\"").text())
        .isEqualTo(FILE.replace("\"10.6.0.3\"\n", "\"10.6.0.3\"\nhold = \"1s\"\n"));
  }

  @Test
  void unsetsAKey() throws Exception {
    DeviceEditor editor = DeviceEditor.of(FILE);
    assertThat(editor.unset("greenhouse", "address").text())
        .isEqualTo(FILE.replace("  address = \"10.6.0.2\"\n", ""));
    assertThat(editor.unset("greenhouse", "hold").text()).isEqualTo(FILE);
  }

  @Test
  void saysWhatItCannotDo() throws Exception {
    DeviceEditor editor = DeviceEditor.of(FILE);
    assertThatThrownBy(() -> editor.remove("cellar"))
        .isInstanceOf(EditException.class)
        .hasMessage("there is no [[device]] \"cellar\"");
    assertThatThrownBy(() -> editor.set("hall", "ports", "1"))
        .isInstanceOf(EditException.class)
        .hasMessage(
            "\"ports\" of [[device]] \"hall\" stands in several places; write it as one value, then"
                + " change it again");
    assertThatThrownBy(() -> DeviceEditor.of("device = [{ name = \"a\" }]"))
        .isInstanceOf(EditException.class)
        .hasMessageContaining("write each as a [[device]]");
  }

  @Test
  void brandsNothingByItsQuotes() throws Exception {
    String text =
        "x = '''\n[[device]]\nname = \"no\"''''\n"
            + "y = \"\"\"a\\\"\"\"\"\n[[ \"device\" ]]\n\"name\" = \"\\u0061\" # [[device]]\n";
    assertThat(DeviceEditor.of(text).unset("a", "name").text())
        .isEqualTo(text.replace("\"name\" = \"\\u0061\" # [[device]]\n", ""));
  }
}
