package dev.tailbridge.netstack.tcp;

/** Slow start and congestion avoidance (RFC 5681), counting bytes (RFC 3465). */
final class NewReno implements CongestionControl {

  private final int least;
  private int mss = 536;
  private int initial = mss;
  private int window = mss;
  private int threshold = Integer.MAX_VALUE;

  /** Both before the last loss. */
  private int priorWindow;

  private int priorThreshold;

  /** Bytes acknowledged in congestion avoidance since the window last grew. */
  private int counted;

  /**
   * @param least segments below which a loss does not press the threshold; RFC 5681 has 2
   */
  NewReno(int least) {
    this.least = least;
  }

  @Override
  public int window() {
    return window;
  }

  @Override
  public int threshold() {
    return threshold;
  }

  @Override
  public void begin(int segmentSize, boolean synWasLost) {
    mss = segmentSize;
    // RFC 6928 2; RFC 5681 3.1 after a SYN that was sent again.
    initial = Math.min(10 * mss, Math.max(2 * mss, 14600));
    window = synWasLost ? mss : initial;
    threshold = Integer.MAX_VALUE;
    counted = 0;
  }

  @Override
  public void segmentsShrink(int segmentSize) {
    // RFC 8201 5.4: the window stays, in bytes.
    mss = segmentSize;
  }

  @Override
  public void acknowledged(int bytes, boolean limited, boolean repairing) {
    if (!limited) {
      // RFC 7661 4.3: a window that is not used says nothing about the path.
      return;
    }
    if (window < threshold) {
      // RFC 3465 2.2 and 2.3: up to two segments a time, but one after a timeout.
      window += Math.min(bytes, repairing ? mss : 2 * mss);
      return;
    }
    // RFC 3465 2.1.
    counted += bytes;
    if (counted >= window) {
      counted -= window;
      window += mss;
    }
  }

  @Override
  public void lossDetected(int flight) {
    remember();
    // RFC 5681 equation 4.
    threshold = Math.max(flight / 2, least * mss);
    window = threshold;
    counted = 0;
  }

  @Override
  public void recovered(int flight) {
    // RFC 6582 3.2 step 3, option 1: no burst into an empty pipe.
    window = Math.min(threshold, Math.max(flight, mss) + mss);
  }

  @Override
  public void timedOut(int flight, boolean again) {
    if (!again) {
      remember();
      // RFC 5681 3.1: ssthresh is held for a segment that is sent yet another time.
      threshold = Math.max(flight / 2, least * mss);
    }
    window = mss;
    counted = 0;
  }

  private void remember() {
    priorWindow = window;
    priorThreshold = threshold;
  }

  @Override
  public void undone(int flight) {
    threshold = priorThreshold;
    window = Math.max(window, Math.min(priorWindow, flight + initial));
  }

  @Override
  public void unused() {
    window = Math.max(Math.min(window, initial), window / 2);
  }

  @Override
  public void restarted() {
    // RFC 5681 4.1.
    window = Math.min(window, initial);
  }
}
