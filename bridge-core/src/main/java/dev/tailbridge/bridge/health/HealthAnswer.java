package dev.tailbridge.bridge.health;

/**
 * What came of a probe.
 *
 * @param text what was seen, without a full stop; it is for everybody who may ask
 */
public record HealthAnswer(Outcome outcome, String text) {

  /** The kinds of answers. */
  public enum Outcome {
    HEALTHY,
    /** It was probed and is not well. */
    UNHEALTHY,
    /** The configuration does not name it as a target for this. */
    NOT_A_TARGET,
    /** Too many probes run. */
    BUSY
  }

  static HealthAnswer healthy(String text) {
    return new HealthAnswer(Outcome.HEALTHY, text);
  }

  static HealthAnswer unhealthy(String text) {
    return new HealthAnswer(Outcome.UNHEALTHY, text);
  }

  static HealthAnswer notATarget(String text) {
    return new HealthAnswer(Outcome.NOT_A_TARGET, text);
  }

  static HealthAnswer busy() {
    return new HealthAnswer(Outcome.BUSY, "too many probes run at this moment; ask again");
  }
}
