package dev.tailbridge.benchmarks.rival;

import java.io.IOException;

/** A bridge under load with one device behind it, as processes. */
interface Way extends AutoCloseable {

  /** For the table. */
  String name();

  /** The device's address in the tailnet. */
  String address();

  /** The bridge's process. */
  long pid();

  @Override
  void close() throws IOException;
}
