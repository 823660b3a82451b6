package dev.tailbridge.bridge.state;

import dev.tailbridge.bridge.state.BridgeState.KnownNode;
import dev.tailbridge.wireguard.PublicKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/** Decides which node directories move; touches nothing itself. */
final class NodePlan {
  private final Map<PublicKey, KnownNode> known;
  private final Map<PublicKey, NodeIdentity> wanted = new LinkedHashMap<>();
  private final BiPredicate<String, String> directoryExists;
  private final Map<PublicKey, KnownNode> registry;
  private final List<Move> firstMoves = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Set<String> parked = new HashSet<>();

  private NodePlan(
      Map<PublicKey, KnownNode> known,
      List<NodeIdentity> devices,
      BiPredicate<String, String> directoryExists) {
    this.known = known;
    this.directoryExists = directoryExists;
    this.registry = new LinkedHashMap<>(known);
    devices.forEach(device -> wanted.put(device.publicKey(), device));
  }

  /** A directory of a tailnet takes another name. */
  record Move(String tailnet, String from, String to) {}

  /**
   * @param known the registry, with nothing in motion
   * @param directoryExists answers for a tailnet and a name
   */
  static NodePlan of(
      Map<PublicKey, KnownNode> known,
      List<NodeIdentity> devices,
      BiPredicate<String, String> directoryExists) {
    NodePlan plan = new NodePlan(known, devices, directoryExists);
    devices.forEach(plan::place);
    return plan;
  }

  /** What a directory is called while it is on its way; no device can have such a name. */
  static String staged(String name) {
    return name + "~";
  }

  /** The moves before the registry is saved; those after it are in the registry itself. */
  List<Move> firstMoves() {
    return firstMoves;
  }

  /** The registry to save. */
  Map<PublicKey, KnownNode> registry() {
    return registry;
  }

  List<String> notes() {
    return notes;
  }

  private void place(NodeIdentity device) {
    KnownNode before = known.get(device.publicKey());
    boolean sameTailnet = before != null && before.tailnet().equals(device.tailnet());
    if (before != null && sameTailnet && !before.name().equals(device.name())) {
      makeRoom(device);
      moveAway(device.publicKey(), before, device.name());
      notes.add(
          "device \""
              + device.name()
              + "\" was \""
              + before.name()
              + "\" before and keeps its tailnet node");
    } else if (!sameTailnet) {
      takeOver(device);
      registry.put(device.publicKey(), new KnownNode(device.tailnet(), device.name()));
    }
  }

  /** A key that is new in the tailnet takes the node of its name, if that does not move away. */
  private void takeOver(NodeIdentity device) {
    known.forEach(
        (key, node) -> {
          if (isAt(node, device) && !movesWithin(key, node)) {
            registry.computeIfPresent(key, (same, now) -> isAt(now, device) ? null : now);
            notes.add(
                "device \"" + device.name() + "\" has a new public key and keeps its tailnet node");
          }
        });
  }

  /** What lies where a renamed device goes, and does not move by itself, is put aside. */
  private void makeRoom(NodeIdentity device) {
    boolean moves = false;
    for (Map.Entry<PublicKey, KnownNode> entry : known.entrySet()) {
      if (!isAt(entry.getValue(), device)) {
        continue;
      }
      if (movesWithin(entry.getKey(), entry.getValue())) {
        moves = true;
      } else if (entry.getValue().equals(registry.get(entry.getKey()))
          && !wantedInAnotherTailnet(entry.getKey(), device.tailnet())) {
        moveAway(entry.getKey(), entry.getValue(), parkingName(device));
        moves = true;
      }
    }
    if (!moves && directoryExists.test(device.tailnet(), device.name())) {
      firstMoves.add(new Move(device.tailnet(), device.name(), parkingName(device)));
    }
  }

  private void moveAway(PublicKey key, KnownNode node, String name) {
    String staged = staged(node.name());
    firstMoves.add(new Move(node.tailnet(), node.name(), staged));
    registry.put(key, new KnownNode(node.tailnet(), name, staged));
  }

  private boolean movesWithin(PublicKey key, KnownNode node) {
    NodeIdentity device = wanted.get(key);
    return device != null
        && device.tailnet().equals(node.tailnet())
        && !device.name().equals(node.name());
  }

  private boolean wantedInAnotherTailnet(PublicKey key, String tailnet) {
    NodeIdentity device = wanted.get(key);
    return device != null && !device.tailnet().equals(tailnet);
  }

  private static boolean isAt(KnownNode node, NodeIdentity device) {
    return node.tailnet().equals(device.tailnet()) && node.name().equals(device.name());
  }

  private String parkingName(NodeIdentity device) {
    for (int number = 1; ; number++) {
      String name = device.name() + "." + number;
      boolean taken =
          directoryExists.test(device.tailnet(), name)
              || known.containsValue(new KnownNode(device.tailnet(), name));
      if (!taken && parked.add(device.tailnet() + "/" + name)) {
        return name;
      }
    }
  }
}
