package dev.tailbridge.netstack.tcp;

/** No congestion control at all, as smoltcp has none by default: the peer's window decides. */
final class FixedWindow implements CongestionControl {

  @Override
  public int window() {
    return 1 << 29;
  }

  @Override
  public int threshold() {
    return window();
  }

  @Override
  public void begin(int mss, boolean synWasLost) {}

  @Override
  public void segmentsShrink(int mss) {}

  @Override
  public void acknowledged(int bytes, boolean limited, boolean repairing) {}

  @Override
  public void lossDetected(int flight) {}

  @Override
  public void recovered(int flight) {}

  @Override
  public void timedOut(int flight, boolean again) {}

  @Override
  public void undone(int flight) {}

  @Override
  public void unused() {}

  @Override
  public void restarted() {}
}
