package dev.tailbridge.fleet;

import java.util.Set;

/** Something that goes wrong in a fleet's life. */
interface Fault {

  /** As in "meanwhile there was". */
  String name();

  /** The devices that may be silent because of it; no other may. */
  Set<String> concerned();

  /**
   * Lets it happen, and returns when all is well again.
   *
   * @param others calls those that are not concerned
   * @return how it went, in a few words
   */
  String happen(Prober others) throws InterruptedException;
}
