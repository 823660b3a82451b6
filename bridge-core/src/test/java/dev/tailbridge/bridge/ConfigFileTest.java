package dev.tailbridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.wireguard.PrivateKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigFileTest {
  @TempDir Path folder;
  private Path path = Path.of("");

  @BeforeEach
  void write() throws Exception {
    path = Files.writeString(folder.resolve("devices.toml"), "# mine\n[admin]\n");
  }

  private void add(String name, String address) throws Exception {
    new ConfigFile(path, variable -> null)
        .change(
            (editor, current) ->
                editor.add(
                    Map.of(
                        "name", "\"" + name + "\"",
                        "tailnet", "\"none\"",
                        "address", "\"" + address + "\"",
                        "public_key",
                            "\""
                                + PrivateKey.generate(new SecureRandom()).publicKey().toBase64()
                                + "\"")));
  }

  @Test
  void changesTheFileAndKeepsWhoMayReadIt() throws Exception {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
    add("a", "10.6.0.2");
    assertThat(names()).containsExactly("a");
    assertThat(Files.readString(path)).startsWith("# mine\n[admin]\n\n[[device]]\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-r-----");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void aLinkStaysALink() throws Exception {
    Path real = folder.resolve("elsewhere").resolve("real.toml");
    Files.createDirectory(real.getParent());
    Files.move(path, real);
    Files.createSymbolicLink(path, real);
    add("a", "10.6.0.2");
    assertThat(path).isSymbolicLink();
    assertThat(Files.readString(real)).contains("10.6.0.2");
  }

  @Test
  void whatWouldNotBeValidChangesNothing() throws Exception {
    String before = Files.readString(path);
    assertThatThrownBy(() -> add("a", "10.7.0.2"))
        .isInstanceOf(EditException.class)
        .hasMessage(
            "address in [[device]] \"a\": \"10.7.0.2\" lies outside the network 10.6.0.0/24; write"
                + " one from 10.6.0.2 to 10.6.0.254");
    assertThat(Files.readString(path)).isEqualTo(before);
  }

  @Test
  void aFileThatIsNotValidIsNotTouched() throws Exception {
    Files.writeString(path, "[bridge]\nlogg = 1\n");
    assertThatThrownBy(() -> add("a", "10.6.0.2")).isInstanceOf(ConfigException.class);
    Files.delete(path);
    assertThatThrownBy(() -> add("a", "10.6.0.2"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void manyAtOnceLoseNothing() throws Exception {
    List<Thread> threads =
        IntStream.range(2, 22)
            .mapToObj(
                i ->
                    new Thread(
                        () -> {
                          try {
                            add("d" + i, "10.6.0." + i);
                          } catch (Exception e) {
                            throw new AssertionError(e);
                          }
                        }))
            .toList();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(names()).hasSize(20);
  }

  private List<String> names() throws ConfigException {
    return ConfigReader.read(path, variable -> null).config().devices().stream()
        .map(DeviceSection::name)
        .toList();
  }
}
