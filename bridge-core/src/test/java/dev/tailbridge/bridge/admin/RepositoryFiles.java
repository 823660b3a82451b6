package dev.tailbridge.bridge.admin;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the repository that are no code, and that tests hold against what runs. */
public final class RepositoryFiles {

  private RepositoryFiles() {}

  /** The root, wherever in it the tests were started. */
  public static Path root() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("CONTRIBUTING.md"))) {
      here = here.getParent();
    }
    return here;
  }

  public static Path file(String path) {
    return root().resolve(path);
  }
}
