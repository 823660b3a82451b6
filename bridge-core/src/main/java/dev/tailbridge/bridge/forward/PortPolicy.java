package dev.tailbridge.bridge.forward;

import java.util.List;

/**
 * Which of the device's ports callers of the tailnet reach, and under which number. Asked for the
 * first packet of each flow only; what the device starts itself is not its business.
 *
 * @param ping whether the device gets pings
 */
public record PortPolicy(PortMap tcp, PortMap udp, boolean ping) {

  /** Every port under its own number, and ping. */
  public static final PortPolicy OPEN = new PortPolicy(PortMap.ALL, PortMap.ALL, true);

  /**
   * Ports of one protocol.
   *
   * @param first of the tailnet, 1 to 65535
   * @param last of the tailnet, not below the first
   * @param devicePort what the first one leads to; others lead to those after it
   */
  public record Range(int first, int last, int devicePort) {}

  /** From ports of the tailnet to ports of the device. Immutable. */
  public static final class PortMap {

    /** What a port that leads nowhere maps to. */
    public static final int CLOSED = -1;

    static final PortMap ALL = new PortMap(new Range[] {new Range(0, 0xffff, 0)});

    private final Range[] ranges;

    private PortMap(Range[] ranges) {
      this.ranges = ranges;
    }

    /** Each port under its own number. */
    public static PortMap all() {
      return ALL;
    }

    /** These ports only; no two ranges may share a port of the tailnet. */
    public static PortMap of(List<Range> ranges) {
      return new PortMap(ranges.toArray(Range[]::new));
    }

    /** The device's port behind a port of the tailnet, or {@link #CLOSED}. */
    public int devicePort(int tailnetPort) {
      for (Range range : ranges) {
        if (range.first <= tailnetPort && tailnetPort <= range.last) {
          return range.devicePort + tailnetPort - range.first;
        }
      }
      return CLOSED;
    }
  }
}
