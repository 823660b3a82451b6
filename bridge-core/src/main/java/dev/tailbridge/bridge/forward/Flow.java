package dev.tailbridge.bridge.forward;

import java.util.concurrent.TimeUnit;

/**
 * One conversation between the device and a remote machine in the tailnet, as both sides see it.
 *
 * <p>On the tailnet it is (remote address, remote port, tailnet port), the device's address there
 * being the node's. The tailnet port is the device's own unless {@link PortPolicy} shows it under
 * another number. The device sees (face address, face port, device port): the face is what the
 * remote machine looks like to it, under {@code GATEWAY} the bridge's address and a port chosen for
 * this flow, else the remote's own. For pings the identifier stands in for the remote port, and the
 * device's ports are 0.
 */
abstract class Flow {

  final int remoteAddress;
  final int remotePort;
  final int tailnetPort;
  final int devicePort;
  final int faceAddress;
  final int facePort;

  /** When the last packet passed. */
  long lastNanos;

  /** A newer flow has this one's tailnet tuple; this one only keeps its face reserved. */
  boolean shadowed;

  Flow(
      int remoteAddress,
      int remotePort,
      int tailnetPort,
      int devicePort,
      int faceAddress,
      int facePort) {
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.tailnetPort = tailnetPort;
    this.devicePort = devicePort;
    this.faceAddress = faceAddress;
    this.facePort = facePort;
  }

  /** How long the flow may be idle. */
  abstract long timeoutNanos();

  /** Whether the flow may give way to a new one when the table is full. */
  abstract boolean expendable();

  /** Whether an idle flow may give way when there is nothing expendable. */
  abstract boolean replaceable();

  /** Whether the device sees the bridge instead of the remote machine. */
  final boolean hasFace() {
    return faceAddress != remoteAddress;
  }

  final boolean isDue(long nowNanos) {
    return nowNanos - lastNanos >= timeoutNanos();
  }

  /** UDP and ping: they have no state but whether both sides were heard. */
  static final class Datagrams extends Flow {

    /** RFC 4787 REQ-5 recommends five minutes or more and forbids less than two. */
    static final long UDP_TIMEOUT = TimeUnit.MINUTES.toNanos(5);

    /** RFC 5508 REQ-2. */
    static final long PING_TIMEOUT = TimeUnit.SECONDS.toNanos(60);

    private final long timeoutNanos;
    private boolean fromNode;
    private boolean fromDevice;

    Datagrams(
        long timeoutNanos,
        int remoteAddress,
        int remotePort,
        int tailnetPort,
        int devicePort,
        int faceAddress,
        int facePort) {
      super(remoteAddress, remotePort, tailnetPort, devicePort, faceAddress, facePort);
      this.timeoutNanos = timeoutNanos;
    }

    void passed(boolean fromDevice) {
      this.fromDevice |= fromDevice;
      this.fromNode |= !fromDevice;
    }

    @Override
    long timeoutNanos() {
      return timeoutNanos;
    }

    @Override
    boolean expendable() {
      return !(fromNode && fromDevice);
    }

    @Override
    boolean replaceable() {
      return true;
    }
  }
}
