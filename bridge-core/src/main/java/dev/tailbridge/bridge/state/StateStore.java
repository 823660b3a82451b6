package dev.tailbridge.bridge.state;

import dev.tailbridge.bridge.state.StateFormat.DamagedException;
import dev.tailbridge.bridge.state.StateFormat.NewerException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Keeps {@code bridge.json}: one value in memory, the same on disk.
 *
 * <ul>
 *   <li>When {@link #update} returns, the change survives a crash; when it throws, the value is
 *       unchanged in memory and on disk.
 *   <li>A file that is damaged is set aside and the one before it, {@code bridge.json.bak}, takes
 *       its place.
 *   <li>A file of a newer version is left alone: {@link #open} refuses it.
 * </ul>
 *
 * <p>Thread-safe; {@link #update} waits for the disk, so never call it on an event loop.
 */
public final class StateStore {
  /** How much later than its backup a lost file can have put the floor, in nanoseconds. */
  private static final long FLOOR_MARGIN = 10L * 60 * 1_000_000_000;

  private final Path file;
  private final Path backup;
  private final List<String> warnings = new ArrayList<>();
  private volatile BridgeState current = BridgeState.EMPTY;

  private StateStore(Path file) {
    this.file = file;
    this.backup = file.resolveSibling(file.getFileName() + ".bak");
  }

  /**
   * Reads the state, or begins with an empty one.
   *
   * @throws StateException when the file cannot be read or is of a newer version
   */
  public static StateStore open(StateDirectory directory) throws StateException {
    StateStore store = new StateStore(directory.path().resolve("bridge.json"));
    try {
      store.load();
    } catch (IOException e) {
      throw StateDirectory.unusable(store.file, e);
    }
    return store;
  }

  /** What was repaired while opening; each is a line for the log. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** The value that is on disk. */
  public BridgeState current() {
    return current;
  }

  /**
   * Replaces the value by what {@code change} makes of it.
   *
   * @throws StateException when it could not be written
   */
  public synchronized void update(UnaryOperator<BridgeState> change) throws StateException {
    BridgeState next = change.apply(current);
    if (next.equals(current)) {
      return;
    }
    try {
      AtomicFile.write(file, StateFormat.write(next), backup);
    } catch (IOException e) {
      throw StateDirectory.unusable(file, e);
    }
    current = next;
  }

  private void load() throws IOException, StateException {
    if (Files.exists(file)) {
      try {
        current = read(file);
        return;
      } catch (DamagedException e) {
        Path damaged = file.resolveSibling(file.getFileName() + ".damaged");
        Files.move(file, damaged, StandardCopyOption.REPLACE_EXISTING);
        warnings.add(file + " was damaged and is now " + damaged.getFileName());
      }
    }
    if (Files.exists(backup)) {
      try {
        BridgeState previous = read(backup);
        current = previous.withTimestampFloor(previous.timestampFloor() + FLOOR_MARGIN);
        warnings.add("the state of before the last change was read from " + backup);
        return;
      } catch (DamagedException e) {
        warnings.add(backup + " is damaged too");
      }
    }
    if (!warnings.isEmpty()) {
      warnings.add("the bridge begins with an empty state; tailnet nodes are kept by name");
    }
  }

  private static BridgeState read(Path path) throws IOException, DamagedException, StateException {
    try {
      return StateFormat.read(Files.readString(path));
    } catch (CharacterCodingException e) {
      throw new DamagedException("not text", e);
    } catch (NewerException e) {
      throw new StateException(
          path
              + " "
              + e.getMessage()
              + ": a newer bridge wrote it; run that one, or name another"
              + " state_dir",
          e);
    }
  }
}
