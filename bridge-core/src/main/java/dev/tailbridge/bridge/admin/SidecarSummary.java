package dev.tailbridge.bridge.admin;

/**
 * What of the sidecar is told when it changes: its end, and that another one runs in its place. Its
 * parts are those of {@link SidecarView}.
 */
record SidecarSummary(long pid, boolean running, int restarts) {

  static SidecarSummary of(SidecarView sidecar) {
    return new SidecarSummary(sidecar.pid(), sidecar.running(), sidecar.restarts());
  }
}
