package dev.tailbridge.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A folder with a devices.toml, and an environment, for tests. */
final class ConfigText {
  static final PrivateKey BRIDGE_KEY = privateKey(7);
  static final String DEVICE_KEY = publicKey(1);

  final Path file;
  final Map<String, String> environment = new HashMap<>();

  ConfigText(Path folder) {
    this.file = folder.resolve("devices.toml");
  }

  static PrivateKey privateKey(int seed) {
    byte[] bytes = new byte[32];
    bytes[1] = (byte) seed;
    return PrivateKey.of(bytes);
  }

  static String publicKey(int seed) {
    return privateKey(seed).publicKey().toBase64();
  }

  /** Puts a file beside the configuration; {@code mode} like {@code rw-------}. */
  ConfigText with(String name, String content, String mode) throws IOException {
    Path path = file.resolveSibling(name);
    Files.writeString(path, content);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    return this;
  }

  LoadedConfig read(String toml) throws ConfigException, IOException {
    with("devices.toml", toml, "rw-------");
    return ConfigReader.read(file, environment::get);
  }

  /** The problems in the file, one line each, with the folder left out. */
  List<String> problems(String toml) throws IOException {
    try {
      read(toml);
      return List.of();
    } catch (ConfigException e) {
      return lines(e.problems());
    }
  }

  /** Holds the problems in the file against the lines that are to tell them. */
  void says(String toml, String... problems) throws IOException {
    assertThat(problems(toml)).containsExactly(problems);
  }

  static String device(String name, String key, String address) {
    return "[[device]]\nname = \""
        + name
        + "\"\npublic_key = \""
        + key
        + "\"\naddress = \""
        + address
        + "\"\n";
  }

  List<String> lines(List<Problem> problems) {
    return problems.stream()
        .map(problem -> problem.toString().replace(file.getParent() + "/", ""))
        .toList();
  }
}
