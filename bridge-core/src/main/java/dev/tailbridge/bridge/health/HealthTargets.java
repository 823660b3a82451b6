package dev.tailbridge.bridge.health;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All that may be probed, by name. Thread-safe. */
public final class HealthTargets {
  private final Map<String, HealthTarget> targets = new LinkedHashMap<>();

  /** Adds a target; one of the same name gives way. */
  public synchronized void add(HealthTarget target) {
    targets.put(target.name(), target);
  }

  public synchronized void remove(String name) {
    targets.remove(name);
  }

  /**
   * The target of that name.
   *
   * @param name null for the first that was added: with one target nobody need know how it is
   *     called
   * @param toCall whether it is to be called; then the first is the first that may be, if any
   */
  public synchronized Optional<HealthTarget> find(@Nullable String name, boolean toCall) {
    if (name != null) {
      return Optional.ofNullable(targets.get(name));
    }
    return targets.values().stream()
        .filter(target -> !toCall || target.dialer() != null)
        .findFirst()
        .or(() -> targets.values().stream().findFirst());
  }
}
