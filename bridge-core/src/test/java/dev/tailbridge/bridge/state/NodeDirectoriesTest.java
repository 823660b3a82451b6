package dev.tailbridge.bridge.state;

import static dev.tailbridge.bridge.state.TestKeys.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.state.BridgeState.KnownNode;
import dev.tailbridge.wireguard.PublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeDirectoriesTest {
  @TempDir Path folder;
  private StateDirectory state;
  private StateStore store;

  @BeforeEach
  void open() throws Exception {
    state = StateDirectory.open(folder);
    store = StateStore.open(state);
  }

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void newDevicesGetDirectoriesByName() throws Exception {
    NodeDirectories.Resolved resolved = resolve(device(1, "a"), device(2, "b"));
    assertThat(resolved.directories())
        .isEqualTo(
            Map.of(key(1), folder.resolve("nodes/home/a"), key(2), folder.resolve("nodes/home/b")));
    assertThat(resolved.notes()).isEmpty();
    assertThat(folder.resolve("nodes/home/a")).isDirectory();
  }

  @Test
  void aKnownKeyUnderANewNameIsARename() throws Exception {
    mark(resolve(device(1, "a")));
    NodeDirectories.Resolved resolved = resolve(device(1, "b"));
    assertThat(nodeOf(resolved, 1)).isEqualTo("node 1");
    assertThat(resolved.notes())
        .containsExactly("device \"b\" was \"a\" before and keeps its tailnet node");
    assertThat(folder.resolve("nodes/home/a")).doesNotExist();
  }

  @Test
  void aKnownNameWithANewKeyKeepsTheNode() throws Exception {
    mark(resolve(device(1, "a")));
    NodeDirectories.Resolved resolved = resolve(device(2, "a"));
    assertThat(nodeOf(resolved, 2)).isEqualTo("node 1");
    assertThat(resolved.notes())
        .containsExactly("device \"a\" has a new public key and keeps its tailnet node");
    assertThat(store.current().devices()).isEqualTo(Map.of(key(2), new KnownNode("home", "a")));
  }

  @Test
  void aForgottenNodeLeavesNothingAndTouchesNoOther() throws Exception {
    mark(resolve(device(1, "a"), device(2, "b")));
    Path enrolled = folder.resolve("nodes/home/a/tailscaled.state");
    assertThat(NodeDirectories.enrolled(state, device(1, "a"))).isFalse();
    Files.writeString(enrolled, "{\"_machinekey\":\"\"}");
    assertThat(NodeDirectories.enrolled(state, device(1, "a"))).isFalse();
    Files.writeString(enrolled, "{\"profile-1a2b\":\"\"}");
    assertThat(NodeDirectories.enrolled(state, device(1, "a"))).isTrue();
    for (int times = 0; times < 2; times++) {
      NodeDirectories.forget(state, store, device(1, "a"));
      assertThat(children("nodes/home")).containsExactly("b");
      assertThat(store.current().devices()).isEqualTo(Map.of(key(2), new KnownNode("home", "b")));
    }
    assertThat(nodeOf(resolve(device(1, "a")), 1)).isEqualTo("nothing");
  }

  @Test
  void swappedNames() throws Exception {
    mark(resolve(device(1, "a"), device(2, "b"), device(3, "c")));
    NodeDirectories.Resolved resolved = resolve(device(1, "b"), device(2, "c"), device(3, "a"));
    for (int number = 1; number <= 3; number++) {
      assertThat(nodeOf(resolved, number)).isEqualTo("node " + number);
    }
  }

  @Test
  void aNewDeviceUnderTheOldNameOfARenamedOneStartsFresh() throws Exception {
    mark(resolve(device(1, "a")));
    NodeDirectories.Resolved resolved = resolve(device(2, "a"), device(1, "b"));
    assertThat(nodeOf(resolved, 1)).isEqualTo("node 1");
    assertThat(nodeOf(resolved, 2)).isEqualTo("nothing");
  }

  @Test
  void aDeviceThatIsGoneKeepsItsNodeAlsoWhenAnotherTakesItsName() throws Exception {
    mark(resolve(device(1, "a"), device(2, "b")));
    assertThat(nodeOf(resolve(device(1, "b")), 1)).isEqualTo("node 1");
    NodeDirectories.Resolved back = resolve(device(1, "b"), device(2, "c"));
    assertThat(nodeOf(back, 1)).isEqualTo("node 1");
    assertThat(nodeOf(back, 2)).isEqualTo("node 2");
  }

  @Test
  void anUnknownDirectoryInTheWayOfARenameIsPutAside() throws Exception {
    mark(resolve(device(1, "a")));
    Files.createDirectory(folder.resolve("nodes/home/b"));
    Files.writeString(folder.resolve("nodes/home/b/id"), "somebody's");
    assertThat(nodeOf(resolve(device(1, "b")), 1)).isEqualTo("node 1");
    assertThat(folder.resolve("nodes/home/b.1/id")).hasContent("somebody's");
  }

  @Test
  void anotherTailnetIsAnotherNode() throws Exception {
    mark(resolve(device(1, "a")));
    NodeIdentity elsewhere = new NodeIdentity(key(1), "work", "a");
    assertThat(nodeOf(resolve(elsewhere), 1)).isEqualTo("nothing");
    assertThat(folder.resolve("nodes/home/a/id")).hasContent("node 1");
    assertThat(nodeOf(resolve(device(1, "a")), 1)).as("and back").isEqualTo("node 1");
  }

  /** Stops after each single step of a rotation of three names, and starts again. */
  @Test
  void aKillAtAnyStepLosesNothing() throws Exception {
    List<NodeIdentity> after = List.of(device(1, "b"), device(2, "c"), device(3, "a"));
    for (int steps = 0; steps <= 7; steps++) {
      for (boolean configurationChangedBack : new boolean[] {false, true}) {
        List<NodeIdentity> before = List.of(device(1, "a"), device(2, "b"), device(3, "c"));
        mark(NodeDirectories.resolve(state, store, before));
        interrupt(after, steps);

        List<NodeIdentity> next = configurationChangedBack ? before : after;
        NodeDirectories.Resolved resolved =
            NodeDirectories.resolve(state, StateStore.open(state), next);

        for (int number = 1; number <= 3; number++) {
          assertThat(nodeOf(resolved, number))
              .as("after %d steps, back %s", steps, configurationChangedBack)
              .isEqualTo("node " + number);
        }
        assertThat(children("nodes/home")).hasSize(3);
        store = StateStore.open(state);
      }
    }
  }

  /** Does the first {@code steps} steps of what {@link NodeDirectories} does. */
  private void interrupt(List<NodeIdentity> wanted, int steps) throws Exception {
    NodePlan plan =
        NodePlan.of(
            store.current().devices(),
            wanted,
            (tailnet, name) ->
                Files.exists(folder.resolve("nodes").resolve(tailnet).resolve(name)));
    List<Step> all = new ArrayList<>();
    plan.firstMoves().forEach(move -> all.add(() -> move(move.from(), move.to())));
    all.add(() -> store.update(current -> current.withDevices(plan.registry())));
    plan.registry().values().forEach(node -> all.add(() -> move(node.movingFrom(), node.name())));
    assertThat(all).hasSize(7);
    for (Step step : all.subList(0, steps)) {
      step.run();
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private void move(String from, String to) throws IOException {
    Path home = folder.resolve("nodes/home");
    Files.move(home.resolve(from), home.resolve(to));
  }

  private List<String> children(String path) throws IOException {
    try (var files = Files.list(folder.resolve(path))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static NodeIdentity device(int key, String name) {
    return new NodeIdentity(key(key), "home", name);
  }

  private NodeDirectories.Resolved resolve(NodeIdentity... devices) throws StateException {
    return NodeDirectories.resolve(state, store, List.of(devices));
  }

  /** Leaves something in each node by which it can be recognised. */
  private static void mark(NodeDirectories.Resolved resolved) throws IOException {
    Map<PublicKey, Path> directories = new LinkedHashMap<>(resolved.directories());
    for (int number = 1; number <= 9; number++) {
      Path directory = directories.get(key(number));
      if (directory != null) {
        Files.writeString(directory.resolve("id"), "node " + number);
      }
    }
  }

  private static String nodeOf(NodeDirectories.Resolved resolved, int number) throws IOException {
    Path id = resolved.directories().get(key(number)).resolve("id");
    return Files.exists(id) ? Files.readString(id) : "nothing";
  }
}
