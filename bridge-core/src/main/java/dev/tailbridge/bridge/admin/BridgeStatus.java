package dev.tailbridge.bridge.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the admin side may ask a running bridge. Called on the admin side's threads. */
public interface BridgeStatus {

  /** A picture of the bridge and its devices at this moment; holds no secret. */
  BridgeView view();

  /**
   * The machines that a device's node sees, and its ways to them. It waits for the node, up to five
   * seconds.
   *
   * @param measure whether those that are online are pinged for the round trip
   * @return null when no device has that name
   * @throws NoAnswerException when the device has no node that could tell
   */
  @Nullable List<PeerView> peers(String device, boolean measure) throws NoAnswerException;

  /**
   * Whether every event loop still turns. It may wait for them; the admin side gives up after two
   * seconds and takes that for a no.
   */
  boolean alive();

  /** Whether WireGuard is bound, the first round of node starts is done, and nothing is closing. */
  boolean ready();
}
