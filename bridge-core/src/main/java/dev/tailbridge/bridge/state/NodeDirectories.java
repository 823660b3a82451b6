package dev.tailbridge.bridge.state;

import dev.tailbridge.bridge.state.BridgeState.KnownNode;
import dev.tailbridge.wireguard.PublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the tailnet node of each configured device lives, {@code nodes/TAILNET/NAME}.
 *
 * <ul>
 *   <li>A known public key under a new name is a rename: its directory moves along.
 *   <li>A known name with a new public key is a new key for the same node: its directory stays.
 *   <li>Nothing is erased but by {@link #forget}. A directory that is in the way of another is
 *       moved aside, and its device gets it back.
 * </ul>
 *
 * <p>Renames may be swaps, so directories move in two steps. First each that moves away is renamed
 * {@code NAME~}; then the registry is saved with the new names and {@code movingFrom = NAME~}; then
 * each {@code NAME~} takes its new name. A crash in the first step is undone and a crash after the
 * registry was saved is completed, both by what the registry says at the next start.
 */
public final class NodeDirectories {
  /** What Tailscale calls it. */
  private static final String STATE_FILE = "tailscaled.state";

  private final Path nodes;
  private final StateStore store;

  private NodeDirectories(Path nodes, StateStore store) {
    this.nodes = nodes;
    this.store = store;
  }

  /**
   * Where the nodes are.
   *
   * @param directories absolute, existing, by the devices' public keys
   * @param notes what was recognised as a rename or a new key; each is a line for the log
   */
  public record Resolved(Map<PublicKey, Path> directories, List<String> notes) {
    public Resolved {
      directories = Map.copyOf(directories);
      notes = List.copyOf(notes);
    }
  }

  /**
   * Moves directories to where the configuration wants them, remembers that, and makes those that
   * are new. Call it before any node starts.
   *
   * @param devices those that have a tailnet; names are unique within it
   * @throws StateException when the disk refuses
   */
  public static Resolved resolve(StateDirectory state, StateStore store, List<NodeIdentity> devices)
      throws StateException {
    NodeDirectories directories = new NodeDirectories(state.nodesDirectory(), store);
    try {
      directories.recover();
      NodePlan plan = NodePlan.of(store.current().devices(), devices, directories::exists);
      directories.carryOut(plan);
      Map<PublicKey, Path> resolved = new LinkedHashMap<>();
      for (NodeIdentity device : devices) {
        Path directory = directories.path(device.tailnet(), device.name());
        StateDirectory.makeDirectory(directories.nodes.resolve(device.tailnet()));
        StateDirectory.makeDirectory(directory);
        resolved.put(device.publicKey(), directory);
      }
      return new Resolved(resolved, plan.notes());
    } catch (IOException e) {
      throw StateDirectory.unusable(directories.nodes, e);
    }
  }

  /** Whether a node of that identity ever was in its tailnet. */
  public static boolean enrolled(StateDirectory state, NodeIdentity node) {
    Path file =
        state.nodesDirectory().resolve(node.tailnet()).resolve(node.name()).resolve(STATE_FILE);
    try {
      return Files.exists(file) && Files.readString(file).contains("\"profile-");
    } catch (IOException e) {
      return true; // Nobody can say that it was not.
    }
  }

  /**
   * Erases a node's identity, whose node has ended for good.
   *
   * @throws StateException when the disk refuses; it may be called again
   */
  public static void forget(StateDirectory state, StateStore store, NodeIdentity node)
      throws StateException {
    store.update(
        known -> {
          Map<PublicKey, KnownNode> others = new LinkedHashMap<>(known.devices());
          others.remove(node.publicKey(), new KnownNode(node.tailnet(), node.name()));
          return known.withDevices(others);
        });
    erase(state.path(), node);
  }

  /**
   * Erases the folder of a node that no bridge runs.
   *
   * @param stateDir that another process may have locked
   */
  public static void erase(Path stateDir, NodeIdentity node) throws StateException {
    Path directory = folder(stateDir, node.tailnet(), node.name());
    if (Files.notExists(directory)) {
      return;
    }
    try (Stream<Path> parts = Files.walk(directory)) {
      for (Path part : parts.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw StateDirectory.unusable(directory, e);
    }
  }

  /**
   * What Tailscale keeps of a node; null when it was never in its tailnet.
   *
   * @param stateDir that another process may have locked
   */
  public static @Nullable String read(Path stateDir, NodeIdentity node) throws StateException {
    Path file = folder(stateDir, node.tailnet(), node.name()).resolve(STATE_FILE);
    try {
      return Files.exists(file) ? Files.readString(file) : null;
    } catch (IOException e) {
      throw StateDirectory.unusable(file, e);
    }
  }

  /**
   * Lays a node ready that was somewhere else before, for a device that no bridge knows yet.
   *
   * @param stateDir that another process may have locked
   * @param state what Tailscale kept of it there
   * @return the file that was made
   * @throws StateException when there is a node of that name, or the disk refuses
   */
  public static Path bring(Path stateDir, String tailnet, String name, String state)
      throws StateException {
    Path directory = folder(stateDir.toAbsolutePath(), tailnet, name);
    if (Files.exists(directory)) {
      throw new StateException(
          directory
              + " is there already: a device of that name had a machine in the tailnet; if nobody"
              + " needs that any more, remove the folder");
    }
    StateDirectory.makeDirectory(stateDir.toAbsolutePath());
    StateDirectory.makeDirectory(stateDir.toAbsolutePath().resolve("nodes"));
    StateDirectory.makeDirectory(stateDir.toAbsolutePath().resolve("nodes").resolve(tailnet));
    StateDirectory.makeDirectory(directory);
    Path file = directory.resolve(STATE_FILE);
    try {
      AtomicFile.write(file, state);
      return file;
    } catch (IOException e) {
      throw StateDirectory.unusable(file, e);
    }
  }

  private static Path folder(Path stateDir, String tailnet, String name) {
    return stateDir.resolve("nodes").resolve(tailnet).resolve(name);
  }

  /** Undoes or completes what a crash interrupted. */
  private void recover() throws IOException, StateException {
    for (KnownNode node : store.current().devices().values()) {
      if (node.movingFrom() == null) {
        move(node.tailnet(), NodePlan.staged(node.name()), node.name());
      }
    }
    completeMoves();
  }

  private void carryOut(NodePlan plan) throws IOException, StateException {
    for (NodePlan.Move move : plan.firstMoves()) {
      move(move.tailnet(), move.from(), move.to());
    }
    store.update(state -> state.withDevices(plan.registry()));
    completeMoves();
  }

  private void completeMoves() throws IOException, StateException {
    Map<PublicKey, KnownNode> atRest = new LinkedHashMap<>();
    for (Map.Entry<PublicKey, KnownNode> entry : store.current().devices().entrySet()) {
      KnownNode node = entry.getValue();
      if (node.movingFrom() != null) {
        move(node.tailnet(), node.movingFrom(), node.name());
      }
      atRest.put(entry.getKey(), new KnownNode(node.tailnet(), node.name()));
    }
    store.update(state -> state.withDevices(atRest));
  }

  /** Moves if there is something to move; a move that was done before is no error. */
  private void move(String tailnet, String from, String to) throws IOException {
    if (exists(tailnet, from) && !exists(tailnet, to)) {
      Files.move(path(tailnet, from), path(tailnet, to), StandardCopyOption.ATOMIC_MOVE);
      AtomicFile.sync(nodes.resolve(tailnet));
    }
  }

  private boolean exists(String tailnet, String name) {
    return Files.exists(path(tailnet, name));
  }

  private Path path(String tailnet, String name) {
    return nodes.resolve(tailnet).resolve(name);
  }
}
