package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code device export --move} and {@code device import}, without a bridge that runs. */
final class DeviceMoveTest {
  private static final String NODE = "{\"_machinekey\":\"c2VjcmV0\",\"profile-1\":\"e30=\"}";

  private final PrivateKey greenhouse = PrivateKey.generate(new SecureRandom());
  private final PresharedKey psk = PresharedKey.generate(new SecureRandom());

  @TempDir Path folder;
  private Path one;
  private Path two;
  private Path bundle;

  @BeforeEach
  void twoBridges() throws IOException {
    bundle = folder.resolve("moving.json");
    one =
        bridge(
            "one",
            """
            [tailnet.home]
            control_url = "https://headscale.example.net"
            auth_key = "x"

            # The oldest of them.
            [[device]]
            name = "greenhouse"
            public_key = "%s"
            address = "10.6.0.2" # for good
            preshared_key_file = "greenhouse.psk"
            keepalive = "off"
            ports = { tcp = [80] }

            [[device]]
            name = "doorbell"
            public_key = "%s"
            address = "10.6.0.3"
            """
                .formatted(
                    greenhouse.publicKey().toBase64(),
                    PrivateKey.generate(new SecureRandom()).publicKey().toBase64()));
    Files.writeString(one.resolveSibling("greenhouse.psk"), psk.toBase64() + "\n");
    Path node = Files.createDirectories(node("one", "home", "greenhouse"));
    Files.writeString(node.resolve("tailscaled.state"), NODE);
    two =
        bridge(
            "two",
            "[tailnet.house]\ncontrol_url = \"https://headscale.example.net\"\nauth_key = \"x\"\n");
  }

  @Test
  void aDeviceMovesWithEverythingThatItIs() throws Exception {
    CommandRun out = export("greenhouse");
    assertThat(out.code()).as(out.err()).isZero();
    assertThat(out.out()).isEqualTo("greenhouse: in " + bundle + ", and no longer here\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(bundle)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(one))
        .doesNotContain("greenhouse", "The oldest")
        .contains("doorbell");
    assertThat(one.resolveSibling("greenhouse.psk")).doesNotExist();
    assertThat(node("one", "home", "greenhouse")).doesNotExist();

    CommandRun in = run("device", "import", bundle.toString(), "--config", two.toString());
    assertThat(in.code()).as(in.err()).isZero();
    assertThat(in.err()).contains("another key than the one they know", "remove " + bundle);
    assertThat(Files.readString(two))
        .endsWith(
            """

            # The oldest of them.
            [[device]]
            name = "greenhouse"
            public_key = "%s"
            address = "10.6.0.2" # for good
            keepalive = "off"
            ports = { tcp = [80] }
            tailnet = "house"
            preshared_key_file = "greenhouse.psk"
            """
                .formatted(greenhouse.publicKey().toBase64()));
    assertThat(two.resolveSibling("greenhouse.psk")).hasContent(psk.toBase64());
    Path state = node("two", "house", "greenhouse").resolve("tailscaled.state");
    assertThat(state).hasContent(NODE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
        .isEqualTo("rw-------");
  }

  @Test
  void anImportThatCannotBeLeavesNothing() throws Exception {
    export("greenhouse");
    String before = Files.readString(two);

    Files.createDirectories(node("two", "house", "greenhouse"));
    assertThat(refusal()).contains("is there already: a device of that name had a machine");
    assertThat(two.resolveSibling("greenhouse.psk")).doesNotExist();
    Files.delete(node("two", "house", "greenhouse"));

    Files.writeString(two, before.replace("headscale.example.net", "other.example.net"));
    assertThat(refusal())
        .contains("is a machine of https://headscale.example.net, and [tailnet.house]");
    Files.writeString(two, before + "[tailnet.second]\nauth_key = \"x\"\n");
    assertThat(refusal()).contains("has no [tailnet.home], where greenhouse was");

    Files.writeString(
        two,
        before
            + "[[device]]\nname = \"a\"\naddress = \"10.6.0.2\"\npublic_key = \""
            + PrivateKey.generate(new SecureRandom()).publicKey().toBase64()
            + "\"\n");
    assertThat(refusal()).contains("10.6.0.2");
    assertThat(two.resolveSibling("greenhouse.psk")).doesNotExist();
    assertThat(node("two", "house", "greenhouse")).doesNotExist();
  }

  @Test
  void whatCannotBeExportedStays() throws Exception {
    String before = Files.readString(one);
    assertThat(export().code()).isEqualTo(1);
    assertThat(export("nobody").err()).contains("has no device nobody");
    Files.writeString(bundle, "somebody's");
    assertThat(export("greenhouse").err()).contains("exists already and was not touched");
    assertThat(Files.readString(one)).isEqualTo(before);
    assertThat(node("one", "home", "greenhouse")).exists();
  }

  @Test
  void anotherFileIsNoDevice() throws Exception {
    for (String text :
        new String[] {"", "[1]", "{}", "{\"tailbridgeDevices\":2}", "no", "{\"a\""}) {
      Files.writeString(bundle, text);
      assertThat(refusal()).contains("holds no devices that this version can read");
    }
  }

  private String refusal() {
    CommandRun in = run("device", "import", bundle.toString(), "--config", two.toString());
    assertThat(in.code()).as(in.out()).isEqualTo(1);
    assertThat(in.err()).hasLineCount(1);
    return in.err();
  }

  private CommandRun export(String... names) {
    String[] words = new String[names.length + 6];
    System.arraycopy(names, 0, words, 6, names.length);
    String[] first = {"device", "export", "--move", bundle.toString(), "--config", one.toString()};
    System.arraycopy(first, 0, words, 0, first.length);
    return run(words);
  }

  private static CommandRun run(String... words) {
    return CommandRun.of(words);
  }

  private Path bridge(String name, String rest) throws IOException {
    Path home = Files.createDirectories(folder.resolve(name));
    // Nobody listens at the discard port.
    return Files.writeString(
        home.resolve("devices.toml"), "[admin]\nlisten = \"127.0.0.1:9\"\n" + rest);
  }

  private Path node(String bridge, String tailnet, String name) {
    return folder.resolve(bridge).resolve("state/nodes").resolve(tailnet).resolve(name);
  }
}
