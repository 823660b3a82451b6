package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RuntimeSettingsTest {
  private static final List<String> NAMES =
      List.of(
          "io.netty.noUnsafe",
          "io.netty.native.workdir",
          "jna.tmpdir",
          "jna.nosys",
          "org.conscrypt.native.workdir");

  private final Map<String, @Nullable String> before = new HashMap<>();

  @BeforeEach
  void clear() {
    NAMES.forEach(name -> before.put(name, System.clearProperty(name)));
  }

  @AfterEach
  void restore() {
    NAMES.forEach(System::clearProperty);
    before.forEach(
        (name, value) -> {
          if (value != null) {
            System.setProperty(name, value);
          }
        });
  }

  @Test
  void nativeCodeIsUnpackedIntoTheStateDirectory() {
    RuntimeSettings.apply(Path.of("/srv/state"), 17);
    assertThat(System.getProperty("io.netty.native.workdir")).isEqualTo("/srv/state/native");
    assertThat(System.getProperty("jna.tmpdir")).isEqualTo("/srv/state/native");
    assertThat(System.getProperty("org.conscrypt.native.workdir")).isEqualTo("/srv/state/native");
    assertThat(System.getProperty("io.netty.noUnsafe")).isNull();
  }

  @Test
  void unsafeIsLeftAloneWhereJavaWarnsAboutIt() {
    RuntimeSettings.apply(Path.of("/srv/state"), 24);
    assertThat(System.getProperty("io.netty.noUnsafe")).isEqualTo("true");
  }

  @Test
  void whatTheUserSetStays() {
    System.setProperty("jna.tmpdir", "/elsewhere");
    RuntimeSettings.apply(Path.of("/srv/state"), 25);
    assertThat(System.getProperty("jna.tmpdir")).isEqualTo("/elsewhere");
  }
}
