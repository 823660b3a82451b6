package dev.tailbridge.benchmarks;

import java.nio.ByteBuffer;

/** IPv4 packets of a given size: enough of a header for cryptokey routing. */
public final class InnerPackets {

  /** The device that packets come from, and go to. */
  public static final int DEVICE = 0x0a060002;

  public static final int SERVER = 0x0a060001;

  private static final int VERSION_AND_LENGTH = 0x45;
  private static final byte UDP = 17;

  private InnerPackets() {}

  public static byte[] ipv4(int source, int destination, int size) {
    ByteBuffer packet = ByteBuffer.allocate(size);
    packet.put(0, (byte) VERSION_AND_LENGTH).putShort(2, (short) size);
    packet.put(8, (byte) 64).put(9, UDP).putInt(12, source).putInt(16, destination);
    return packet.array();
  }
}
