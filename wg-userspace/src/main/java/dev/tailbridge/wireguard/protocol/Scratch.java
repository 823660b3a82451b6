package dev.tailbridge.wireguard.protocol;

/**
 * Room for one packet at a time, used again for each.
 *
 * <p>There are two arrays: a native cipher copies whole arrays to its side and back, so a small
 * packet in a large one would pay for the rest of it. Not thread-safe.
 */
public final class Scratch {

  private static final int SMALL = 256;

  private final byte[] small = new byte[SMALL];
  private final byte[] large = new byte[WireGuardCore.MAX_DATAGRAM_BYTES];

  /**
   * An array for so many bytes, at most {@link WireGuardCore#MAX_DATAGRAM_BYTES}. It has room for
   * any handshake message in any case, and what is in it is nobody's.
   */
  public byte[] room(int bytes) {
    return bytes <= SMALL ? small : large;
  }
}
