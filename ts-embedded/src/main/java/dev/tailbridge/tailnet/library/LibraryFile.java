package dev.tailbridge.tailnet.library;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The Go library as a file that the dynamic loader can open, or the sidecar as one that can be run.
 *
 * <ul>
 *   <li>It is unpacked once: its name carries its SHA-256, and a file whose content has that hash
 *       is used again. One that does not (torn by a crash, altered) is replaced.
 *   <li>It appears whole or not at all: it is written beside its place, synced and renamed.
 *   <li>Its directory and the file are for this user alone, so nobody else can exchange it between
 *       the check and the use. Versions that are no longer used are removed.
 * </ul>
 */
final class LibraryFile {

  private static final Set<PosixFilePermission> PRIVATE_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");

  private LibraryFile() {}

  /**
   * Finds what is for this platform and unpacks it if need be.
   *
   * @return an absolute path
   */
  static Path locate(GoBinary binary, HostPlatform platform, Path directory)
      throws TailnetLibraryException {
    String platformName = platform.directoryName();
    String override = System.getProperty(binary.overrideProperty(), "");
    if (!override.isEmpty()) {
      Path path = Path.of(override).toAbsolutePath();
      if (!Files.isReadable(path)) {
        throw new TailnetLibraryException(
            path
                + ": named by -D"
                + binary.overrideProperty()
                + " but not a readable file: correct the path, or leave the property out to use"
                + " what is in the jar");
      }
      return path;
    }
    return unpack(
        binary, platformName, LibraryFile.class.getClassLoader()::getResourceAsStream, directory);
  }

  /**
   * @param resources opens a class path resource, or returns null when there is none of that name
   */
  static Path unpack(
      GoBinary binary,
      String platformName,
      Function<String, @Nullable InputStream> resources,
      Path directory)
      throws TailnetLibraryException {
    String resource = binary.resource(platformName);
    String hash = expectedHash(binary, platformName, resource, resources);
    Path home = makePrivate(directory.toAbsolutePath());
    NoexecMounts.refuse(home);
    Path file = home.resolve(binary.fileName(hash));
    try {
      if (Files.isRegularFile(file) && hash.equals(copy(Files.newInputStream(file), null))) {
        return file;
      }
      InputStream source = resources.apply(resource);
      if (source == null) {
        throw missing(binary, platformName, resource);
      }
      write(binary, source, resource, hash, file);
      removeOthers(binary, file);
      return file;
    } catch (IOException e) {
      throw new TailnetLibraryException(
          home
              + ": "
              + binary.label()
              + " cannot be unpacked here ("
              + reason(e)
              + "): make the directory writable for this user, with 30 MB free, or choose another"
              + " state_dir",
          e);
    }
  }

  private static String expectedHash(
      GoBinary binary,
      String platformName,
      String resource,
      Function<String, @Nullable InputStream> resources)
      throws TailnetLibraryException {
    try (InputStream in = resources.apply(resource + ".sha256")) {
      if (in == null) {
        throw missing(binary, platformName, resource);
      }
      // The format of sha256sum: the hash, and perhaps a file name after it.
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
      String hash = text.split("\\s", 2)[0];
      if (!hash.matches("[0-9a-f]{64}")) {
        throw damaged(binary, resource + ".sha256 holds no SHA-256");
      }
      return hash;
    } catch (IOException e) {
      throw damaged(binary, resource + ".sha256: " + reason(e));
    }
  }

  private static Path makePrivate(Path directory) throws TailnetLibraryException {
    try {
      Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(PRIVATE_DIRECTORY));
      if (!Files.getPosixFilePermissions(directory).equals(PRIVATE_DIRECTORY)) {
        Files.setPosixFilePermissions(directory, PRIVATE_DIRECTORY);
      }
      return directory;
    } catch (IOException e) {
      throw new TailnetLibraryException(
          directory
              + ": cannot be made a private directory for the Go library ("
              + reason(e)
              + "): give it to the user that runs this program, or choose another state_dir",
          e);
    }
  }

  private static void write(
      GoBinary binary, InputStream source, String resource, String hash, Path file)
      throws IOException, TailnetLibraryException {
    Path home = file.resolveSibling(".");
    Path temporary =
        Files.createTempFile(
            home, binary.prefix(), ".tmp", PosixFilePermissions.asFileAttribute(binary.mode()));
    try {
      String actual;
      try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        actual = copy(source, out);
        out.force(true);
      }
      if (!actual.equals(hash)) {
        throw damaged(binary, resource + " has the SHA-256 " + actual + " instead of " + hash);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Reads to the end, closes, and returns the SHA-256 in hex; copies to {@code out} if given. */
  private static String copy(InputStream source, @Nullable FileChannel out) throws IOException {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
    try (source) {
      byte[] buffer = new byte[1 << 16];
      for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
        sha256.update(buffer, 0, n);
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
        while (out != null && bytes.hasRemaining()) {
          out.write(bytes);
        }
      }
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  /** A process that still runs an older version keeps it: its mapping outlives the name. */
  private static void removeOthers(GoBinary binary, Path current) throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(current.resolveSibling("."), binary.prefix() + "*")) {
      for (Path file : files) {
        if (!file.getFileName().equals(current.getFileName())) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static TailnetLibraryException missing(
      GoBinary binary, String platformName, String resource) {
    return new TailnetLibraryException(
        "this jar lacks "
            + binary.label()
            + " for "
            + platformName
            + " ("
            + resource
            + "): use the jar that was built for this architecture, or build it here with `mvn"
            + " package`");
  }

  private static TailnetLibraryException damaged(GoBinary binary, String what) {
    return new TailnetLibraryException(
        binary.label() + " in the jar is damaged (" + what + "): copy or build the jar again");
  }

  /** File system exceptions often carry nothing but a path as their message. */
  private static String reason(IOException e) {
    String name = e.getClass().getSimpleName().replace("Exception", "");
    return e.getMessage() == null ? name : name + ": " + e.getMessage();
  }
}
