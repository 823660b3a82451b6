package dev.tailbridge.bridge.cli.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.LoadedConfig;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each format against the file that a person has looked at, and that its firmware takes. */
final class FormatTest {
  private static final PrivateKey PRIVATE_KEY = key(1);
  private static final PrivateKey BRIDGE_KEY = key(2);
  private static final String PSK = PresharedKey.of(filled(3)).toBase64();

  private static byte[] filled(int with) {
    byte[] bytes = new byte[32];
    java.util.Arrays.fill(bytes, (byte) with);
    return bytes;
  }

  private static PrivateKey key(int with) {
    return PrivateKey.of(filled(with));
  }

  private static Provision device(String more, boolean known) throws Exception {
    String toml =
        """
        [bridge]
        endpoint = "bridge.example.net:51820"
        private_key = "%s"
        [[device]]
        name = "green-house"
        tailnet = "none"
        address = "10.6.0.7"
        public_key = "%s"
        %s
        """
            .formatted(BRIDGE_KEY.toBase64(), PRIVATE_KEY.publicKey().toBase64(), more);
    LoadedConfig loaded = ConfigReader.check(Path.of("devices.toml"), toml, name -> null);
    DeviceSection device = loaded.config().devices().get(0);
    return Provision.of(
        device,
        known ? PRIVATE_KEY : null,
        loaded.config(),
        BRIDGE_KEY.publicKey(),
        Objects.requireNonNull(loaded.config().bridge().endpoint()));
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void everythingThatADeviceCanBeTold(Format format) throws Exception {
    Provision device = device("dns = \"all\"\npreshared_key = \"" + PSK + "\"", true);
    assertThat(format.text(device)).isEqualTo(golden(format.word() + ".golden"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Format.class,
      names = {"QR"},
      mode = EnumSource.Mode.EXCLUDE)
  void theLeastThatADeviceCanBeTold(Format format) throws Exception {
    Provision device = device("keepalive = \"off\"\nntp = false", false);
    assertThat(format.text(device)).isEqualTo(golden(format.word() + "-least.golden"));
  }

  @Test
  void noFormatLetsEverythingIntoTheTunnel() throws Exception {
    for (Format format : Format.values()) {
      assertThat(format.text(device("", true)).replace("never 0.0.0.0/0", ""))
          .doesNotContain("0.0.0.0/0");
    }
  }

  @Test
  void qrCodesAreWhatWgQuickReads() throws Exception {
    Provision device = device("preshared_key = \"" + PSK + "\"", true);
    String wgQuick = Format.WG_QUICK.text(device);
    BufferedImage png = ImageIO.read(new ByteArrayInputStream(Format.QR.bytes(device)));
    assertThat(decoded(png)).isEqualTo(wgQuick);
    assertThat(decoded(drawn(Format.QR.text(device)))).isEqualTo(wgQuick);
  }

  @Test
  void wordsNameFormats() {
    for (Format format : Format.values()) {
      assertThat(Format.of(format.word())).contains(format);
    }
    assertThat(Format.of("toml")).isEmpty();
  }

  /** What a camera sees of a dark terminal. */
  private static BufferedImage drawn(String blocks) {
    List<String> lines = blocks.lines().toList();
    int scale = 4;
    BufferedImage image =
        new BufferedImage(
            lines.get(0).length() * scale, lines.size() * 2 * scale, BufferedImage.TYPE_INT_RGB);
    Map<Character, int[]> light =
        Map.of('█', new int[] {1, 1}, '▀', new int[] {1, 0}, '▄', new int[] {0, 1});
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        char block = lines.get(y / scale / 2).charAt(x / scale);
        int half = y / scale % 2;
        boolean on = light.getOrDefault(block, new int[] {0, 0})[half] == 1;
        image.setRGB(x, y, on ? 0xffffff : 0);
      }
    }
    return image;
  }

  private static String decoded(BufferedImage image) throws Exception {
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    RGBLuminanceSource source = new RGBLuminanceSource(image.getWidth(), image.getHeight(), pixels);
    return new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(source))).getText();
  }

  private static String golden(String name) throws IOException {
    try (InputStream in = FormatTest.class.getResourceAsStream("/formats/" + name)) {
      return in == null ? "(no " + name + ")" : new String(in.readAllBytes(), UTF_8);
    }
  }
}
