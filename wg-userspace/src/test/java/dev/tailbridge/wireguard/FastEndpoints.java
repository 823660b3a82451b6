package dev.tailbridge.wireguard;

/** Lets tests of other packages have endpoints whose timers run fast. */
public final class FastEndpoints {

  private FastEndpoints() {}

  /** The time of the protocol runs so many times as fast; that of the handshakes' timestamps not. */
  public static WireGuardEndpoint.Builder faster(WireGuardEndpoint.Builder builder, int times) {
    return builder.pace(times);
  }
}
