package dev.tailbridge.bridge.admin;

import java.util.Optional;

/** Takes devices' nodes out of their tailnets. Called on the admin side's threads. */
public interface NodeRemover {

  /**
   * Takes a device's node out of its tailnet; waits for the control server.
   *
   * @return empty when no device has that name and a tailnet
   */
  Optional<RemovalView> remove(String device);
}
