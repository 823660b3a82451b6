package dev.tailbridge.tailnet.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LibraryFileTest {

  private static final String RESOURCE = "META-INF/native/linux-x86_64/libtailbridge.so";

  private final Map<String, byte[]> jar = new HashMap<>();
  private final byte[] library = new byte[200_000];
  @TempDir private Path temporary;
  private Path directory;
  private int libraryReads;

  @BeforeEach
  void pack() throws Exception {
    directory = temporary.resolve("state/native");
    new Random(1).nextBytes(library);
    put(library);
  }

  @Test
  void itIsUnpackedWholeAndPrivate() throws Exception {
    Path file = unpack();
    assertThat(file).isAbsolute().hasBinaryContent(library).hasParent(directory);
    assertThat(file.getFileName().toString()).contains(sha256(library).substring(0, 32));
    assertThat(mode(directory)).isEqualTo("rwx------");
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(files()).containsExactly(file);
  }

  @Test
  void aWholeFileIsUsedAgain() throws Exception {
    Path file = unpack();
    Object before = Files.readAttributes(file, "unix:ino").get("ino");
    assertThat(unpack()).isEqualTo(file);
    assertThat(Files.readAttributes(file, "unix:ino").get("ino")).isEqualTo(before);
    assertThat(libraryReads).isEqualTo(1);
  }

  @Test
  void aTornFileIsReplaced() throws Exception {
    Path file = unpack();
    Files.write(file, Arrays.copyOf(library, 1000));
    assertThat(unpack()).isEqualTo(file).hasBinaryContent(library);
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(files()).containsExactly(file);
  }

  @Test
  void anAlteredFileOfTheRightSizeIsReplaced() throws Exception {
    Path file = unpack();
    byte[] altered = library.clone();
    altered[5] ^= 1;
    Files.write(file, altered);
    assertThat(unpack()).hasBinaryContent(library);
  }

  @Test
  void anOlderVersionAndWhatACrashLeftAreRemovedAndNothingElse() throws Exception {
    Path old = unpack();
    Files.write(directory.resolve("libtailbridge-123.tmp"), new byte[3]);
    Path foreign = Files.write(directory.resolve("jna-123.so"), new byte[3]);
    byte[] newer = new byte[1000];
    put(newer);
    Path file = unpack();
    assertThat(old).doesNotExist();
    assertThat(files()).containsExactlyInAnyOrder(file, foreign);
  }

  @Test
  void theSidecarLiesBesideItAndCanBeRun() throws Exception {
    Path library = unpack();
    String resource = "META-INF/native/linux-x86_64/tailbridge-sidecar";
    jar.put(resource, this.library);
    jar.put(resource + ".sha256", sha256(this.library).getBytes(StandardCharsets.UTF_8));
    Path sidecar = LibraryFile.unpack(GoBinary.SIDECAR, "linux-x86_64", this::open, directory);
    assertThat(sidecar.getFileName().toString()).startsWith("tailbridge-sidecar-");
    assertThat(mode(sidecar)).isEqualTo("rwx------");
    assertThat(files()).containsExactlyInAnyOrder(library, sidecar);
  }

  @Test
  void aDirectoryThatOthersCanWriteIsClosedToThem() throws Exception {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    unpack();
    assertThat(mode(directory)).isEqualTo("rwx------");
  }

  @Test
  void aLibraryThatDoesNotMatchItsHashIsRefusedAndLeavesNothing() throws Exception {
    jar.put(RESOURCE, new byte[100]);
    assertRefused("damaged", "SHA-256");
    assertThat(files()).isEmpty();
  }

  @Test
  void aHashThatIsNoneIsRefused() {
    jar.put(RESOURCE + ".sha256", "../../etc/passwd".getBytes(StandardCharsets.UTF_8));
    assertRefused("damaged", ".sha256");
  }

  @Test
  void aJarWithoutTheLibrarySaysForWhichPlatform() {
    jar.clear();
    assertRefused("linux-x86_64", "the jar that was built for this architecture");
  }

  @Test
  void aPlaceThatIsNoDirectoryIsNamed() throws Exception {
    Files.createDirectories(directory.getParent());
    Files.write(directory, new byte[0]);
    assertRefused(directory.toString(), "state_dir");
  }

  private Path unpack() throws TailnetLibraryException {
    return LibraryFile.unpack(GoBinary.LIBRARY, "linux-x86_64", this::open, directory);
  }

  private InputStream open(String name) {
    libraryReads += name.equals(RESOURCE) ? 1 : 0;
    byte[] content = jar.get(name);
    return content == null ? null : new ByteArrayInputStream(content);
  }

  private void put(byte[] content) throws Exception {
    jar.put(RESOURCE, content);
    jar.put(RESOURCE + ".sha256", (sha256(content) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(this::unpack)
        .isInstanceOf(TailnetLibraryException.class)
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n");
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
