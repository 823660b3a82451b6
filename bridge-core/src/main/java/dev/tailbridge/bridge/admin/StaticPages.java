package dev.tailbridge.bridge.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the jar: the status page, which holds nothing of the bridge and asks the API, and
 * the API's description.
 */
final class StaticPages {
  private static final Map<String, File> FILES =
      Map.of(
          "/", new File("status.html", "text/html; charset=utf-8"),
          "/status.js", new File("status.js", "text/javascript; charset=utf-8"),
          "/status.css", new File("status.css", "text/css; charset=utf-8"),
          "/api/v1/openapi.json", new File("openapi.json", "application/json"));

  /** Nobody needs a token for these. */
  static final Set<String> PATHS = FILES.keySet();

  private record File(String name, String type) {}

  private StaticPages() {}

  static Optional<Answer> find(@Nullable String path) {
    File file = FILES.get(String.valueOf(path));
    return file == null
        ? Optional.empty()
        : Optional.of(new Answer(200, file.type(), read(file.name())));
  }

  private static String read(String name) {
    try (InputStream in = StaticPages.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
