package dev.tailbridge.bridge.config;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/** Reads a file as TOML. */
final class TomlFile {
  private static final long MAX_FILE_BYTES = 4 << 20;

  /** The parser quotes what it did not expect, at times a whole value, which may be a secret. */
  private static final Pattern LONG_TOKEN = Pattern.compile("'.{13,}'", Pattern.DOTALL);

  private TomlFile() {}

  /**
   * @throws ConfigException when the file cannot be read or is no TOML
   */
  static TomlTable read(Path file, Problems problems) throws ConfigException {
    TomlTable toml = null;
    try {
      if (Files.isDirectory(file)) {
        problems.error(null, "is a folder; name the file, as in --config devices.toml");
      } else if (Files.size(file) > MAX_FILE_BYTES) {
        problems.error(null, "is bigger than 4 MiB; is it the right file?");
      } else {
        toml = parse(Files.readString(file, StandardCharsets.UTF_8), problems);
      }
    } catch (NoSuchFileException e) {
      problems.error(
          null,
          "no such file; write one (docs/configuration.md shows how), or name another with"
              + " --config");
    } catch (CharacterCodingException e) {
      problems.error(null, "is not UTF-8 text; is it the right file?");
    } catch (IOException e) {
      problems.error(null, "cannot be read; let the user that runs the bridge read it");
    }
    problems.throwIfAny();
    return requireNonNull(toml, "neither a table nor a problem");
  }

  /** What is no TOML becomes a problem at its place. */
  static TomlTable parse(String text, Problems problems) {
    TomlParseResult result = Toml.parse(text);
    for (TomlParseError error : result.errors()) {
      String message = LONG_TOKEN.matcher(String.valueOf(error.getMessage())).replaceAll("text");
      problems.error(error.position(), "not valid TOML: " + message);
    }
    return result;
  }
}
