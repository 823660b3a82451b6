package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of a bridge that is run by its environment. */
final class ScratchFolderTest {

  @TempDir Path folder;

  @Test
  void theNextFolderIsTakenWhereTheFirstCannotBeWrittenTo() throws Exception {
    ScratchFolder scratch = ScratchFolder.in(List.of(folder.resolve("absent"), folder));
    assertThat(scratch.path()).isDirectory().hasParent(folder);
    Files.createDirectories(scratch.path().resolve("native/deep"));
    scratch.close();
    scratch.close();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void withoutAnyItSaysSo() {
    assertThatThrownBy(() -> ScratchFolder.in(List.of(folder.resolve("absent"))))
        .isInstanceOf(IOException.class);
  }
}
