package dev.tailbridge.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A copy of what the demo needs in a folder that any user can read, and ways to run it with less
 * than this test has: another user, no capability, no route, no writable file system.
 */
public final class Sandbox implements AutoCloseable {

  private static final String NOBODY = "65532";

  private final Path folder;

  public Sandbox() {
    try {
      folder = Files.createTempDirectory("tbs");
      copy("ts-embedded/target/go/bin/lab");
      copy("bridge-core/target/bridge.jar");
      copyTree("bridge-core/target/test-classes");
      Files.createDirectories(folder.resolve("ts-embedded/go"));
      Files.createDirectory(writable());
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.toList()) {
          Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
      }
      Files.setPosixFilePermissions(writable(), PosixFilePermissions.fromString("rwxrwxrwx"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a command printed and how it ended; -1 when it had to be ended. */
  public record Outcome(int code, String output) {}

  /** The one folder that the demo may write to. */
  public Path writable() {
    return folder.resolve("rw");
  }

  public static boolean root() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** The words that start the demo's check; its files go to {@link #writable}. */
  public String demoCheck(String... jvmOptions) {
    List<String> command = new ArrayList<>(List.of(BridgeProcess.currentJava()));
    command.addAll(List.of(jvmOptions));
    command.addAll(
        List.of(
            "-Djava.io.tmpdir=" + writable(),
            "-cp",
            "bridge-core/target/test-classes:bridge-core/target/bridge.jar",
            "dev.tailbridge.lab.Demo",
            "--check"));
    return String.join(" ", command);
  }

  /** Puts words in front of a command that take every privilege from it. */
  public static String unprivileged(String command) {
    return root()
        ? "setpriv --reuid="
            + NOBODY
            + " --regid="
            + NOBODY
            + " --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "
            + command
        : command;
  }

  /** Runs a line of shell in this sandbox's folder. */
  public Outcome shell(Duration limit, String... line) {
    return run(limit, "sh", "-ec", String.join("\n", line));
  }

  /** Runs a line of shell as root of new namespaces: network and mounts are its own. */
  public Outcome shellInNamespaces(Duration limit, String... line) {
    return run(limit, "unshare", "--net", "--mount", "sh", "-ec", String.join("\n", line));
  }

  private Outcome run(Duration limit, String... command) {
    try {
      Path output = Files.createTempFile("tbs", ".out");
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        Processes.end(process);
      }
      Outcome outcome =
          new Outcome(
              ended ? process.exitValue() : -1, Files.readString(output, StandardCharsets.UTF_8));
      Files.delete(output);
      return outcome;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void copyTree(String tree) throws IOException {
    Path from = Binaries.root().resolve(tree);
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        copy(tree + "/" + from.relativize(path));
      }
    }
  }

  private void copy(String file) throws IOException {
    Path to = folder.resolve(file);
    Files.createDirectories(to.getParent());
    Files.copy(Binaries.root().resolve(file), to, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
