package dev.tailbridge.bridge.state;

import static dev.tailbridge.bridge.state.TestKeys.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import dev.tailbridge.bridge.state.BridgeState.KnownNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateStoreTest {
  private static final BridgeState FIRST =
      new BridgeState(
          1_000,
          Instant.parse("2026-11-24T16:00:00Z"),
          Map.of(key(1), new KnownNode("home", "greenhouse")),
          Map.of());

  @TempDir Path folder;
  private StateDirectory directory;
  private Path file;

  @BeforeEach
  void open() throws Exception {
    directory = StateDirectory.open(folder);
    file = folder.resolve("bridge.json");
  }

  @AfterEach
  void close() {
    directory.close();
  }

  @Test
  void beginsEmptyAndWritesNothingUntilSomethingChanges() throws Exception {
    StateStore store = StateStore.open(directory);
    store.update(state -> state);
    assertThat(store.current()).isEqualTo(BridgeState.EMPTY);
    assertThat(store.warnings()).isEmpty();
    assertThat(file).doesNotExist();
  }

  @Test
  void whatWasUpdatedIsThereAfterARestart() throws Exception {
    BridgeState second =
        FIRST
            .withTimestampFloor(Long.MAX_VALUE - 1)
            .withEndpoints(
                Map.of(
                    key(1),
                    new InetSocketAddress(
                        InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1}), 51820),
                    key(2),
                    new InetSocketAddress(InetAddress.getByAddress(new byte[16]), 1)));
    StateStore store = StateStore.open(directory);
    store.update(state -> FIRST);
    store.update(state -> second);

    assertThat(StateStore.open(directory).current()).isEqualTo(second);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(folder.resolve("bridge.json.tmp")).doesNotExist();
  }

  @Test
  void aTornFileGivesWayToTheOneBefore() throws Exception {
    twoVersions();
    Files.writeString(file, Files.readString(file).substring(0, 40));

    StateStore store = StateStore.open(directory);

    assertThat(store.current().devices()).isEqualTo(FIRST.devices());
    assertThat(store.current().timestampFloor())
        .as("above everything that the lost file can have allowed")
        .isEqualTo(FIRST.timestampFloor() + 600_000_000_000L);
    assertThat(store.warnings())
        .containsExactly(
            file + " was damaged and is now bridge.json.damaged",
            "the state of before the last change was read from "
                + folder.resolve("bridge.json.bak"));
    store.update(state -> state.withTimestampFloor(5));
    assertThat(StateStore.open(directory).current().timestampFloor()).isEqualTo(5);
  }

  @Test
  void twoTornFilesAreAnEmptyStateWithAWarning() throws Exception {
    twoVersions();
    Files.writeString(file, "");
    Files.write(folder.resolve("bridge.json.bak"), new byte[] {(byte) 0xff});

    StateStore store = StateStore.open(directory);

    assertThat(store.current()).isEqualTo(BridgeState.EMPTY);
    assertThat(store.warnings()).hasSize(3);
  }

  /** The moment between the two renames of a replacement. */
  @Test
  void aKillBetweenBackupAndReplacement() throws Exception {
    twoVersions();
    Files.move(
        file, folder.resolve("bridge.json.bak"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    StateStore store = StateStore.open(directory);

    assertThat(store.current().timestampFloor()).isGreaterThan(2_000);
    assertThat(store.current().devices()).isEqualTo(FIRST.devices());
  }

  /** The moment while the new file is being written. */
  @Test
  void aKillWhileWritingLeavesTheFileBefore() throws Exception {
    twoVersions();
    Files.writeString(folder.resolve("bridge.json.tmp"), "{\"version\":1,\"tim");

    StateStore store = StateStore.open(directory);

    assertThat(store.current().timestampFloor()).isEqualTo(2_000);
    store.update(state -> state.withTimestampFloor(3_000));
    assertThat(StateStore.open(directory).current().timestampFloor()).isEqualTo(3_000);
  }

  @Test
  void anOlderFileIsMigratedAtTheNextChange() throws Exception {
    Files.writeString(
        file, "{\"devices\":{\"" + key(1) + "\":{\"tailnet\":\"home\",\"name\":\"greenhouse\"}}}");

    StateStore store = StateStore.open(directory);
    assertThat(store.current().devices()).isEqualTo(FIRST.devices());
    assertThat(store.current().timestampFloor()).isZero();
    assertThat(store.current().clockSeen()).isEqualTo(Instant.EPOCH);
    assertThat(store.warnings()).isEmpty();

    store.update(state -> state.withTimestampFloor(7));
    assertThat(
            JsonParser.parseString(Files.readString(file))
                .getAsJsonObject()
                .get("version")
                .getAsInt())
        .isEqualTo(StateFormat.VERSION);
    Instant seen = FIRST.clockSeen();
    store.update(state -> state.withClockSeen(seen));
    store.update(state -> state.withClockSeen(seen.minusSeconds(9)));
    assertThat(StateStore.open(directory).current())
        .as("and the clock's floor never goes back")
        .isEqualTo(FIRST.withTimestampFloor(7));
  }

  @Test
  void aNewerFileIsRefusedAndLeftAlone() throws Exception {
    String newer = "{\"version\":99,\"devices\":[\"another layout\"]}";
    Files.writeString(file, newer);
    assertThatThrownBy(() -> StateStore.open(directory))
        .isInstanceOf(StateException.class)
        .hasMessage(
            file
                + " has version 99, this bridge knows 1: a newer bridge wrote it; run that one, or"
                + " name another state_dir");
    assertThat(file).hasContent(newer);
  }

  @Test
  void aFailedWriteChangesNothing() throws Exception {
    StateStore store = StateStore.open(directory);
    store.update(state -> FIRST);
    Files.createDirectories(folder.resolve("bridge.json.tmp/occupied"));

    assertThatThrownBy(() -> store.update(state -> state.withTimestampFloor(9)))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("bridge.json");

    assertThat(store.current()).isEqualTo(FIRST);
    assertThat(StateStore.open(directory).current()).isEqualTo(FIRST);
  }

  @Property(tries = 300)
  void anyDamageIsRecognised(@ForAll @IntRange(min = 0, max = 150) int at, @ForAll char with) {
    StringBuilder text = new StringBuilder(StateFormat.write(FIRST));
    text.setCharAt(at % text.length(), with);
    readsOrIsDamaged(text.toString());
  }

  @Example
  void namesThatLeaveTheFolderAreDamage() {
    assertThatThrownBy(
            () ->
                StateFormat.read(
                    "{\"devices\":{\"" + key(1) + "\":{\"tailnet\":\"..\",\"name\":\"x\"}}}"))
        .isInstanceOf(StateFormat.DamagedException.class);
  }

  private static void readsOrIsDamaged(String text) {
    try {
      StateFormat.read(text);
    } catch (StateFormat.DamagedException | StateFormat.NewerException e) {
      assertThat(e).hasMessageNotContaining("\n\n");
    }
  }

  private void twoVersions() throws StateException, IOException {
    StateStore store = StateStore.open(directory);
    store.update(state -> FIRST);
    store.update(state -> FIRST.withTimestampFloor(2_000));
    assertThat(folder.resolve("bridge.json.bak")).exists();
  }
}
