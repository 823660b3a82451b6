package dev.tailbridge.netstack.tcp;

/**
 * CUBIC (RFC 9438): the window grows with the time since the last loss, back to where it was then,
 * carefully around it, and faster and faster beyond. Where Reno would be faster it does as Reno
 * does. Windows are counted in segments here, times in seconds.
 */
final class Cubic implements CongestionControl {

  private static final double C = 0.4;
  private static final double BETA = 0.7;

  /** RFC 9438 4.3: as friendly as Reno, with this decrease. */
  private static final double ALPHA = 3 * (1 - BETA) / (1 + BETA);

  private static final long NO_EPOCH = Long.MIN_VALUE;

  private int mss = 536;
  private double initial = 1;
  private double window = 1;
  private double threshold = Double.MAX_VALUE;

  /** W_max and cwnd_prior. */
  private double most;

  private double atLoss;

  /** K and W_est. */
  private double untilMost;

  private double asReno;
  private long epoch = NO_EPOCH;
  private boolean afterTimeout;
  private long now;
  private long lastNow;
  private long roundTrip;
  private final double[] prior = new double[4];

  @Override
  public int window() {
    return bytes(window);
  }

  @Override
  public int threshold() {
    return bytes(threshold);
  }

  private int bytes(double segments) {
    return (int) Math.min(Integer.MAX_VALUE, segments * mss);
  }

  @Override
  public void begin(int segmentSize, boolean synWasLost) {
    mss = segmentSize;
    // RFC 6928 2; RFC 5681 3.1 after a SYN that was sent again.
    initial = Math.min(10.0 * mss, Math.max(2.0 * mss, 14600)) / mss;
    window = synWasLost ? 1 : initial;
    threshold = Double.MAX_VALUE;
    most = 0;
    atLoss = 0;
    epoch = NO_EPOCH;
  }

  @Override
  public void segmentsShrink(int segmentSize) {
    double factor = (double) mss / segmentSize;
    mss = segmentSize;
    window *= factor;
    initial *= factor;
    most *= factor;
    atLoss *= factor;
    epoch = NO_EPOCH;
  }

  @Override
  public void time(long nowNanos, long roundTripNanos) {
    lastNow = now;
    now = nowNanos;
    roundTrip = Math.max(0, roundTripNanos);
  }

  @Override
  public void acknowledged(int bytes, boolean limited, boolean repairing) {
    if (!limited) {
      // RFC 9438 5.8: time in which the application sent less does not count.
      epoch = epoch == NO_EPOCH ? NO_EPOCH : epoch + (now - lastNow);
      return;
    }
    double segments = (double) bytes / mss;
    if (window < threshold) {
      // RFC 3465 2.2 and 2.3.
      window += Math.min(segments, repairing ? 1 : 2);
    } else {
      avoid(segments);
    }
  }

  private void avoid(double segments) {
    if (epoch == NO_EPOCH) {
      beginEpoch();
    }
    double seconds = (now - epoch) * 1e-9;
    // RFC 9438 4.3.
    asReno += (asReno < atLoss ? ALPHA : 1) * segments / window;
    if (curve(seconds) < asReno) {
      window = Math.max(window, asReno);
    } else {
      // RFC 9438 4.4 and 4.5.
      double target = Math.min(1.5 * window, curve(seconds + roundTrip * 1e-9));
      window += Math.max(0, target - window) / window * segments;
    }
  }

  private void beginEpoch() {
    epoch = now;
    asReno = window;
    if (afterTimeout || window >= most) {
      // RFC 9438 4.8.
      most = window;
    }
    afterTimeout = false;
    untilMost = Math.cbrt((most - window) / C);
  }

  /** W_cubic (RFC 9438 equation 1). */
  private double curve(double seconds) {
    double distance = seconds - untilMost;
    return C * distance * distance * distance + most;
  }

  @Override
  public void lossDetected(int flight) {
    reduce(flight);
    window = threshold;
  }

  private void reduce(int flight) {
    prior[0] = window;
    prior[1] = threshold;
    prior[2] = most;
    prior[3] = atLoss;
    atLoss = window;
    // RFC 9438 4.7: a flow that has to give way gives way faster.
    most = window < most ? window * (1 + BETA) / 2 : window;
    threshold = Math.max((double) flight / mss * BETA, 2);
    epoch = NO_EPOCH;
  }

  @Override
  public void recovered(int flight) {
    // RFC 6582 3.2 step 3, option 1: no burst into an empty pipe.
    window = Math.min(threshold, Math.max((double) flight / mss, 1) + 1);
  }

  @Override
  public void timedOut(int flight, boolean again) {
    if (!again) {
      reduce(flight);
    }
    window = 1;
    afterTimeout = true;
  }

  @Override
  public void undone(int flight) {
    // RFC 9438 4.9.
    window = Math.max(window, Math.min(prior[0], (double) flight / mss + initial));
    threshold = prior[1];
    most = prior[2];
    atLoss = prior[3];
    afterTimeout = false;
    epoch = NO_EPOCH;
  }

  @Override
  public void unused() {
    window = Math.max(Math.min(window, initial), window / 2);
    epoch = NO_EPOCH;
  }

  @Override
  public void restarted() {
    // RFC 5681 4.1.
    window = Math.min(window, initial);
    epoch = NO_EPOCH;
  }
}
