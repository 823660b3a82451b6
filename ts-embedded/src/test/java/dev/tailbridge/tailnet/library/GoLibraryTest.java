package dev.tailbridge.tailnet.library;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads what is not the Go library; no Go runtime is started. */
final class GoLibraryTest {

  @TempDir private Path directory;

  @Test
  void aFileThatIsNoLibraryIsRefusedInOneLine() throws Exception {
    Path text = Files.writeString(directory.resolve("lib.so"), "not a library");
    assertThatThrownBy(() -> GoLibrary.load(text))
        .isInstanceOf(TailnetLibraryException.class)
        .hasMessageStartingWith(text + ": the Go library cannot be loaded (")
        .hasMessageContaining("file too short")
        .message()
        .doesNotContain("\n", ".jar");
  }

  @Test
  void anotherLibraryIsRefused() {
    // Every system with glibc has it by this name.
    assertThatThrownBy(() -> GoLibrary.load(Path.of("libm.so.6")))
        .isInstanceOf(TailnetLibraryException.class)
        .hasMessageContaining("not the Go library of this program");
  }
}
