package dev.tailbridge.wireguard.protocol;

/** Puts an endpoint under load: its queue of handshakes looks half full, until that is undone. */
final class Load {

  private static final int THRESHOLD = 512;

  private final SimulatedEndpoint endpoint;
  private int admitted;

  private Load(SimulatedEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  static Load on(SimulatedEndpoint endpoint) {
    Load load = new Load(endpoint);
    load.wait(THRESHOLD);
    return load;
  }

  /** So many more wait. */
  void wait(int more) {
    for (int i = 0; i < more; i++) {
      if (!endpoint.shared.load.admit(endpoint.clock.nowNanos())) {
        throw new IllegalStateException("full after " + admitted);
      }
      admitted++;
    }
  }

  /** Nobody waits any more; the mode lasts for another second. */
  void off() {
    long now = endpoint.clock.nowNanos();
    for (; admitted > 0; admitted--) {
      endpoint.shared.load.started(now, now);
    }
  }
}
