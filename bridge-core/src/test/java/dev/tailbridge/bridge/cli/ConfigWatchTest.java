package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.BridgeSection.LogFormat;
import dev.tailbridge.bridge.config.BridgeSection.LogLevel;
import dev.tailbridge.bridge.config.ConfigReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a configuration is loaded again; each turn is one look at the file. */
final class ConfigWatchTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final List<String> loaded = new ArrayList<>();
  private Path file = Path.of("");
  private ConfigWatch watch;
  private int writes;
  private int failures = Integer.MAX_VALUE;

  private final BridgeRunner.Running bridge =
      new BridgeRunner.Running() {
        @Override
        public void reload(BridgeConfig config) throws IOException {
          loaded.add(config.bridge().network().toString());
          if (config.bridge().network().prefixLength() == 9 && failures-- > 0) {
            throw new IOException("not that one");
          }
        }

        @Override
        public void close() {}
      };

  @BeforeEach
  void start() throws IOException {
    LogSetup.apply(LogLevel.INFO, LogFormat.TEXT, log);
    file = folder.resolve("devices.toml");
    write("10.6.0.0/24");
    watch =
        new ConfigWatch(
            file, ConfigWatch.look(file), () -> ConfigReader.read(file, name -> null), bridge);
  }

  @AfterEach
  void end() {
    watch.close();
    LogSetup.apply(LogLevel.INFO, LogFormat.TEXT, System.err);
  }

  private void write(String network) throws IOException {
    Files.writeString(file, "bridge.network = \"" + network + "\"\n");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000L + 1_000L * writes++));
  }

  private void turns(int count) {
    for (int i = 0; i < count; i++) {
      watch.turn();
    }
  }

  @Test
  void aFileThatStaysIsLeftAlone() {
    turns(5);
    assertThat(loaded).isEmpty();
  }

  @Test
  void aChangeIsLoadedOnceWhenItHasSettled() throws Exception {
    write("10.7.0.0/24");
    turns(1);
    write("10.8.0.0/24");
    turns(1);
    assertThat(loaded).as("it is being written").isEmpty();
    turns(5);
    assertThat(loaded).containsExactly("10.8.0.0/24");
  }

  @Test
  void whoAsksIsServedWithoutAChange() {
    watch.ask();
    turns(3);
    assertThat(loaded).containsExactly("10.6.0.0/24");
  }

  @Test
  void anInvalidFileChangesNothingAndIsToldOnce() throws Exception {
    write("x");
    turns(5);
    assertThat(loaded).isEmpty();
    assertThat(text().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("ERROR " + file + ":1:1: network in [bridge]: \"x\""),
            line ->
                assertThat(line).endsWith(file + " is not valid, so the bridge goes on as before"));
    write("10.9.0.0/24");
    turns(2);
    assertThat(loaded).containsExactly("10.9.0.0/24");
  }

  @Test
  void aFileThatVanishesForAMomentDoesNoHarm() throws Exception {
    Path away = folder.resolve("away");
    Files.move(file, away);
    turns(1);
    Files.move(away, file);
    turns(5);
    assertThat(loaded).isEmpty();
    assertThat(text()).isEmpty();
  }

  @Test
  void anotherFileUnderTheSameNameIsAChange() throws Exception {
    Path other = folder.resolve("other");
    Files.writeString(other, "bridge.network = \"10.5.0.0/24\"\n");
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    turns(2);
    assertThat(loaded).containsExactly("10.5.0.0/24");
  }

  @Test
  void whatTheBridgeCannotDoIsOneLine() throws Exception {
    write("10.128.0.0/9");
    turns(2);
    assertThat(text())
        .endsWith(" ERROR " + file + " was not loaded, and will be tried again: not that one\n");
    write("10.4.0.0/24");
    turns(2);
    assertThat(loaded).containsExactly("10.128.0.0/9", "10.4.0.0/24");
  }

  @Test
  void whatTheBridgeCannotDoIsTriedAgainInGrowingPausesAndToldOnce() throws Exception {
    write("10.128.0.0/9");
    turns(2);
    assertThat(loaded).hasSize(1);
    turns(19);
    assertThat(loaded).hasSize(1);
    turns(1);
    assertThat(loaded).hasSize(2);
    turns(40);
    assertThat(loaded).hasSize(3);
    turns(10_000);
    assertThat(loaded).as("every 600 looks in the end").hasSizeBetween(15, 22);
    assertThat(text().lines()).as("a warning of the file, and the failure").hasSize(2);
  }

  @Test
  void whatSucceedsAtLastIsNotTriedAgain() throws Exception {
    write("10.128.0.0/9");
    failures = 2;
    turns(200);
    assertThat(loaded).hasSize(3);
  }

  private String text() {
    return log.toString(StandardCharsets.UTF_8);
  }
}
