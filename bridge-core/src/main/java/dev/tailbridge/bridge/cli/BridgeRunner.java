package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.BridgeConfig;
import java.util.concurrent.CompletableFuture;

/** Starts a bridge; what it returns runs until it is closed. */
@FunctionalInterface
interface BridgeRunner {

  /** A bridge that runs. */
  interface Running extends AutoCloseable {
    /**
     * Does from now on what another configuration says.
     *
     * @throws Exception when it cannot; the message of a checked one is a line for the user
     */
    default void reload(BridgeConfig config) throws Exception {}

    /** Completes, with the reason, when only another process can go on. */
    default CompletableFuture<String> failure() {
      return new CompletableFuture<>();
    }

    @Override
    void close();
  }

  /**
   * @throws Exception when it cannot start; the message of a checked one is a line for the user
   */
  Running start(BridgeConfig config) throws Exception;
}
