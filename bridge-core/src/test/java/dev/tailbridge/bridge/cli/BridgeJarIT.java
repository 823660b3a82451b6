package dev.tailbridge.bridge.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.SideBySide;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packed product, under the Java of the build and those that TAILBRIDGE_TEST_JDKS names. */
@SideBySide
final class BridgeJarIT {
  private static final Path JAR = Binaries.bridgeJar();

  /** Where the classes of each packed work begin, and the folder of its licence. */
  private static final Map<String, String> WORKS =
      Map.ofEntries(
          Map.entry("ch/qos/logback/", "logback"),
          Map.entry("com/google/errorprone/", "error_prone_annotations"),
          Map.entry("com/google/gson/", "gson"),
          Map.entry("com/google/zxing/", "zxing-core"),
          Map.entry("com/sun/jna/", "jna"),
          Map.entry("dev/tailbridge/", "tailbridge"),
          Map.entry("io/micrometer/", "micrometer"),
          Map.entry("io/netty/", "netty"),
          Map.entry("io/prometheus/", "prometheus-client"),
          Map.entry("org/bouncycastle/", "bcprov-jdk18on"),
          Map.entry("org/conscrypt/", "conscrypt-openjdk-uber"),
          Map.entry("org/jspecify/", "jspecify"),
          Map.entry("org/slf4j/", "slf4j-api"),
          Map.entry("org/tomlj/", "tomlj"),
          Map.entry("picocli/", "picocli"));

  @TempDir Path folder;

  static Stream<String> javaHomes() {
    String more = System.getenv("TAILBRIDGE_TEST_JDKS");
    return Stream.concat(
            Stream.of(System.getProperty("java.home")),
            more == null ? Stream.of() : Stream.of(more.split(File.pathSeparator)))
        .filter(home -> !home.isBlank())
        .distinct();
  }

  @ParameterizedTest
  @MethodSource("javaHomes")
  void startsQuietly(String javaHome) throws Exception {
    Output version = run(javaHome, "--version");
    assertThat(version.exitCode()).isEqualTo(0);
    assertThat(version.out()).startsWith("tailbridge ").doesNotContain("not packaged");
    assertThat(version.err()).isEmpty();

    assertThat(run(javaHome).exitCode()).as("no devices.toml here").isEqualTo(2);

    Files.writeString(folder.resolve("devices.toml"), "[tailnet.home]\n");
    Output validate = run(javaHome, "validate");
    assertThat(validate.exitCode()).isEqualTo(0);
    assertThat(validate.err().lines())
        .containsExactly(
            "warning: devices.toml: there is no [[device]] yet, so nothing can connect; add one");
  }

  @Test
  void everyPackedWorkHasItsLicence() throws Exception {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (ZipEntry entry : jar.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
        String name = entry.getName().replaceFirst("^META-INF/versions/\\d+/", "");
        List<String> licence =
            WORKS.keySet().stream().filter(name::startsWith).map(WORKS::get).toList();
        assertThat(licence).as("the work that %s belongs to", name).hasSize(1);
        assertThat(jar.getEntry("META-INF/licenses/" + licence.get(0) + "/"))
            .as("licence of %s", licence)
            .isNotNull();
      }
    }
  }

  @Test
  void nothingIsSignedModularOrForOtherMachines() throws Exception {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      List<String> names = jar.stream().map(ZipEntry::getName).toList();
      assertThat(names).noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|RSA|DSA)"));
      assertThat(names).noneMatch(name -> name.endsWith("module-info.class"));
      assertThat(new TreeSet<>(names.stream().filter(n -> n.contains("jnidispatch")).toList()))
          .containsExactly(
              "com/sun/jna/linux-aarch64/libjnidispatch.so",
              "com/sun/jna/linux-x86-64/libjnidispatch.so");
      assertThat(new TreeSet<>(names.stream().filter(n -> n.contains("conscrypt_")).toList()))
          .containsExactly(
              "META-INF/native/libconscrypt_openjdk_jni-linux-aarch_64.so",
              "META-INF/native/libconscrypt_openjdk_jni-linux-x86_64.so");
      assertThat(names)
          .noneMatch(
              name -> name.matches(".*\\.(html|css)") && !name.startsWith("dev/tailbridge/"));
      Attributes manifest = jar.getManifest().getMainAttributes();
      assertThat(manifest.getValue("Enable-Native-Access")).isEqualTo("ALL-UNNAMED");
      assertThat(manifest.getValue("Multi-Release")).isEqualTo("true");
    }
  }

  /** Of another architecture's, {@code ts-embedded/cross/check-jar} tells. */
  @Test
  void theGoCodeOfThisMachineIsWhole() throws Exception {
    String arch = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (String name : List.of("libtailbridge.so", "tailbridge-sidecar")) {
        String entry = "META-INF/native/linux-" + arch + "/" + name;
        assertThat(jar.getEntry(entry)).as(entry).isNotNull();
        assertThat(jar.getEntry(entry + ".sha256")).as(entry + ".sha256").isNotNull();
      }
    }
  }

  /** The Go side from inside of the jar, the Java side from beside it. */
  @Test
  void whatItWasMadeOfIsToldWhole() throws Exception {
    List<String> told = new ArrayList<>();
    try (JarFile jar = new JarFile(JAR.toFile())) {
      ZipEntry go = jar.getEntry("META-INF/sbom/go/bom.json");
      told.addAll(components(new String(jar.getInputStream(go).readAllBytes(), UTF_8)));
    }
    assertThat(told).contains("tailscale.com", "gvisor.dev/gvisor", "std");
    Path java = JAR.resolveSibling("bom.json");
    assumeTrue(Files.exists(java), "CycloneDX writes the Java side only when Maven is online");
    assertThat(components(Files.readString(java)))
        .contains("netty-handler", "jna", "picocli")
        .doesNotContain("junit-jupiter", "assertj-core");
  }

  private static List<String> components(String bom) {
    List<String> names = new ArrayList<>();
    JsonParser.parseString(bom)
        .getAsJsonObject()
        .getAsJsonArray("components")
        .forEach(one -> names.add(one.getAsJsonObject().get("name").getAsString()));
    return names;
  }

  private record Output(int exitCode, String out, String err) {}

  private Output run(String javaHome, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(javaHome, "bin", "java").toString(), "-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Output(process.waitFor(), out, Files.readString(err));
  }
}
