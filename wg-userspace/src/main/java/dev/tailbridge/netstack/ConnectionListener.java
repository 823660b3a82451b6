package dev.tailbridge.netstack;

/** Told about a {@link Connection}, on the event loop of its stack. */
@FunctionalInterface
public interface ConnectionListener {

  /**
   * Something changed: its state, what can be read, or how much can be written. What is read and
   * written here leaves with the same batch.
   */
  void changed();
}
