package dev.tailbridge.bridge.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder of this process alone, for what need not outlive it. */
final class ScratchFolder implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ScratchFolder.class);

  private final Path path;

  private ScratchFolder(Path path) {
    this.path = path;
  }

  /**
   * Makes one in the first of these folders that can be written to.
   *
   * @throws IOException when none can
   */
  static ScratchFolder in(List<Path> parents) throws IOException {
    IOException refused = new IOException("there is no folder for it");
    for (Path parent : parents) {
      try {
        return new ScratchFolder(Files.createTempDirectory(parent, "tailbridge").toAbsolutePath());
      } catch (IOException e) {
        refused = e;
      }
    }
    throw refused;
  }

  Path path() {
    return path;
  }

  /** Removes it with all that is in it; once more does nothing. */
  @Override
  public void close() {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path entry : deepestFirst) {
        Files.delete(entry);
      }
    } catch (IOException e) {
      logger.warn("{} was not removed: {}", path, e.getMessage());
    }
  }
}
