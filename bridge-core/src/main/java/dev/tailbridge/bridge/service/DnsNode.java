package dev.tailbridge.bridge.service;

import java.util.concurrent.CompletableFuture;

/** What a device's node can say of names. Called on the device's event loop. */
public interface DnsNode {

  /** The node's own full name; empty while it has none. */
  String dnsName();

  /**
   * Resolves a name as this node sees it.
   *
   * @param type a record type such as {@code A}
   * @return the DNS message of the answer, or failed; on any thread
   */
  CompletableFuture<byte[]> query(String name, String type);
}
