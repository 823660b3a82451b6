package dev.tailbridge.bridge.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.wireguard.PrivateKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateDirectoryTest {
  @TempDir Path folder;

  @Test
  void isMadePrivateWithItsFolders() throws Exception {
    Path path = folder.resolve("deep/state");
    try (StateDirectory state = StateDirectory.open(path)) {
      assertThat(state.path()).isEqualTo(path);
      for (Path made : List.of(path, state.nativeDirectory(), path.resolve("nodes"))) {
        assertThat(mode(made)).as(made.toString()).isEqualTo("rwx------");
      }
      assertThat(mode(path.resolve("lock"))).isEqualTo("rw-------");
    }
  }

  @Test
  void anExistingFolderKeepsItsMode() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
    StateDirectory.open(folder).close();
    assertThat(mode(folder)).isEqualTo("rwxr-x---");
  }

  @Test
  void aSecondBridgeInThisProcessIsRefused() throws Exception {
    try (StateDirectory first = StateDirectory.open(folder)) {
      assertThatThrownBy(() -> StateDirectory.open(folder))
          .isInstanceOf(StateException.class)
          .hasMessage(
              "another bridge, process "
                  + ProcessHandle.current().pid()
                  + ", uses "
                  + first.path()
                  + "; stop it first, or give each bridge a state_dir of its own");
    }
    StateDirectory.open(folder).close();
  }

  @Test
  void aSecondProcessIsRefusedAndTheLockGoesWithItsOwner() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(other.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(lines.readLine()).isEqualTo("locked");
      assertThatThrownBy(() -> StateDirectory.open(folder))
          .isInstanceOf(StateException.class)
          .hasMessageStartingWith("another bridge, process " + other.pid() + ", uses ");
    } finally {
      other.destroyForcibly().waitFor();
    }
    StateDirectory.open(folder).close();
  }

  /** Another process that holds the lock until it is killed. */
  static final class Holder {
    public static void main(String[] args) throws Exception {
      StateDirectory held = StateDirectory.open(Path.of(args[0]));
      System.out.println("locked");
      System.in.read();
      held.close();
    }
  }

  @Test
  void theKeyIsMadeOnceAndPrivate() throws Exception {
    PrivateKey key;
    try (StateDirectory state = StateDirectory.open(folder)) {
      key = state.privateKey(new SecureRandom());
      assertThat(mode(folder.resolve("bridge.key"))).isEqualTo("rw-------");
      assertThat(Files.readString(folder.resolve("bridge.key"))).isEqualTo(key.toBase64() + "\n");
    }
    try (StateDirectory state = StateDirectory.open(folder)) {
      assertThat(state.privateKey(new SecureRandom())).isEqualTo(key);
    }
  }

  @Test
  void aDamagedKeyIsNeverReplaced() throws Exception {
    Files.writeString(folder.resolve("bridge.key"), "torn");
    try (StateDirectory state = StateDirectory.open(folder)) {
      assertThatThrownBy(() -> state.privateKey(new SecureRandom()))
          .isInstanceOf(StateException.class)
          .hasMessage(
              folder.resolve("bridge.key")
                  + " holds no WireGuard private key; put the old one back, or remove the file for a"
                  + " new key, which all devices must then be told");
    }
    assertThat(folder.resolve("bridge.key")).hasContent("torn");
  }

  @Test
  void aFileInTheWayIsNamed() throws Exception {
    Path path = Files.writeString(folder.resolve("state"), "");
    assertThatThrownBy(() -> StateDirectory.open(path))
        .isInstanceOf(StateException.class)
        .hasMessage(path + " is not a folder; move it away, or name another state_dir");
  }

  @Test
  void aFolderOfSomebodyElseIsNamedWithItsOwner() throws Exception {
    String owner = Files.getOwner(folder).getName();
    Path state = folder.resolve("state");
    assertThat(Unusable.explain(state, new AccessDeniedException(state.toString())))
        .isEqualTo(
            state
                + (" cannot be used: "
                    + folder
                    + " belongs to "
                    + owner
                    + ", and the bridge runs as ")
                + (System.getProperty("user.name") + "; run: chown ")
                + (System.getProperty("user.name") + " " + folder + ", or name another state_dir"));
  }

  /** {@code /proc} is there on every Linux and lets nobody make a folder, root included. */
  @Test
  void aPlaceThatCannotBeWrittenIsOneLine() {
    assertThatThrownBy(() -> StateDirectory.open(Path.of("/proc/state")))
        .isInstanceOf(StateException.class)
        .hasMessageStartingWith("/proc/state cannot be used (")
        .hasMessageEndingWith("); check it, or name another state_dir");
  }

  @Test
  void theSystemsReasonsBecomeRemedies() {
    Path where = Path.of("/srv/state");
    assertThat(Unusable.explain(where, new IOException("Read-only file system")))
        .isEqualTo(
            "/srv/state is on a read-only file system; mount it writable, or name another"
                + " state_dir");
    assertThat(Unusable.explain(where, new IOException("No space left on device")))
        .isEqualTo(
            "/srv/state cannot be written: the disk is full; make room, or name another state_dir");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
