package dev.tailbridge.bridge.admin;

/** What the admin side may ask a running bridge. Called on the admin side's threads. */
public interface BridgeStatus {

  /** A picture of the bridge and its devices at this moment; holds no secret. */
  BridgeView view();

  /**
   * Whether every event loop still turns. It may wait for them; the admin side gives up after two
   * seconds and takes that for a no.
   */
  boolean alive();

  /** Whether WireGuard is bound, the first round of node starts is done, and nothing is closing. */
  boolean ready();
}
