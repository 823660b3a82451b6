package dev.tailbridge.benchmarks.rival;

/** What is compared between bridges, in the order of the table. */
enum Figure {
  DOWN("bulk down", "Mbit/s", false, 1.0),
  UP("bulk up", "Mbit/s", false, 1.0),
  KEPT_P50("GET, connection kept, p50", "µs", true, 1.0),
  KEPT_P99("GET, connection kept, p99", "µs", true, 1.2),
  NEW_P50("GET, new connection, p50", "µs", true, 1.0),
  NEW_P99("GET, new connection, p99", "µs", true, 1.2),
  KEPT_CPU("CPU per request, connection kept", "µs", true, 1.0),
  NEW_CPU("CPU per request, new connection", "µs", true, 1.0),
  DOWN_CPU("CPU per GB down", "s", true, 1.0),
  UP_CPU("CPU per GB up", "s", true, 1.0),
  MEMORY("resident memory after all that", "MiB", true, 0.5);

  final String what;
  final String unit;

  /** Whether less is better. */
  final boolean cost;

  /** The ratio ours / theirs that is wanted: at most for a cost, else at least. */
  final double wanted;

  Figure(String what, String unit, boolean cost, double wanted) {
    this.what = what;
    this.unit = unit;
    this.cost = cost;
    this.wanted = wanted;
  }

  boolean isReached(double ratio) {
    return cost ? ratio <= wanted : ratio >= wanted;
  }
}
