package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.BridgeConfig;

/** Starts a bridge; what it returns runs until it is closed. */
@FunctionalInterface
interface BridgeRunner {

  /**
   * @throws Exception when it cannot start; the message of a checked one is a line for the user
   */
  AutoCloseable start(BridgeConfig config) throws Exception;
}
