package dev.tailbridge.bridge.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads secrets, which stand in the file itself ({@code X}), in a file of their own ({@code
 * X_file}) or in the environment ({@code X_env}). No message shows one.
 */
final class SecretReader {
  private static final long MAX_SECRET_BYTES = 4096;

  private final Path file;
  private final Function<String, @Nullable String> environment;

  /**
   * @param file the configuration; relative paths start at its folder
   * @param environment gives the value of a variable, or null
   */
  SecretReader(Path file, Function<String, @Nullable String> environment) {
    this.file = file;
    this.environment = environment;
  }

  /** A secret as text, and the key of the table that gave it. */
  record Found(String text, String key) {}

  /** The secret called {@code name}, or null when it is absent or cannot be read. */
  @Nullable Found read(Table table, String name) {
    List<String> keys = List.of(name, name + "_file", name + "_env");
    Table owner = table.ownerOf(keys);
    if (owner == null) {
      return null;
    }
    List<String> given = keys.stream().filter(owner::has).toList();
    String key = given.get(0);
    if (given.size() > 1) {
      owner.error(
          given.get(1), Quote.of(key) + " is there too; keep one of " + String.join(", ", given));
      return null;
    }
    String written = owner.string(key);
    if (written == null) {
      return null;
    }
    String text =
        owner.parse(
            key,
            written,
            value ->
                switch (keys.indexOf(key)) {
                  case 0 -> inline(owner, value);
                  case 1 -> fromFile(owner, key, resolve(value));
                  default -> fromEnvironment(name, value);
                });
    return text == null ? null : new Found(text, key);
  }

  private String inline(Table table, String text) throws BadValueException {
    if (readableByOthers(file)) {
      table.warnAboutFile(
          "others can read this file and the secrets in it; run: chmod 600 " + file);
    }
    return checked(text, "is empty");
  }

  private String fromFile(Table table, String key, Path path) throws BadValueException {
    String text;
    try {
      if (Files.isDirectory(path)) {
        throw new BadValueException(path + " is a folder; name the file with the secret");
      }
      if (Files.size(path) > MAX_SECRET_BYTES) {
        throw new BadValueException(path + " is too big for a secret; it should hold one line");
      }
      text = Files.readString(path, StandardCharsets.UTF_8).strip();
    } catch (NoSuchFileException e) {
      throw new BadValueException(path + " does not exist; make it, or remove the key");
    } catch (CharacterCodingException e) {
      throw new BadValueException(path + " is not a text file; it should hold one line");
    } catch (IOException e) {
      throw new BadValueException(
          path + " cannot be read; let the user that runs the bridge read it");
    }
    if (readableByOthers(path)) {
      table.warning(key, "others can read " + path + "; run: chmod 600 " + path);
    }
    return checked(text, path + " is empty");
  }

  private String fromEnvironment(String name, String variable) throws BadValueException {
    String text = environment.apply(variable);
    if (text == null) {
      throw new BadValueException(
          "the environment variable " + variable + " is not set; set it, or use " + name + "_file");
    }
    return checked(text.strip(), "the environment variable " + variable + " is empty");
  }

  private static String checked(String text, String ifEmpty) throws BadValueException {
    if (text.isEmpty()) {
      throw new BadValueException(ifEmpty + "; put the secret there, in one line");
    }
    if (text.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new BadValueException("has white space inside; a secret is one word in one line");
    }
    return text;
  }

  private Path resolve(String path) throws BadValueException {
    return Paths.resolve(file, path);
  }

  private static boolean readableByOthers(Path path) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
      return permissions.contains(PosixFilePermission.OTHERS_READ)
          || permissions.contains(PosixFilePermission.GROUP_READ);
    } catch (IOException | UnsupportedOperationException e) {
      return false; // no such permissions here, so nothing to warn about
    }
  }
}
