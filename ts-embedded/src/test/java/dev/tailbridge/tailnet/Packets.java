package dev.tailbridge.tailnet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;

/** IP packets for tests: a right header length, and content that tells one from another. */
final class Packets {

  private Packets() {}

  /** An IPv4 or IPv6 packet of {@code size} bytes whose rest is drawn from {@code random}. */
  static byte[] random(Random random, int size) {
    byte[] packet = new byte[size];
    random.nextBytes(packet);
    ByteBuf header = Unpooled.wrappedBuffer(packet);
    if (size >= 40 && random.nextBoolean()) {
      header.setByte(0, 0x60 | (packet[0] & 0xf)).setShort(4, size - 40).setByte(6, 17);
    } else {
      header.setByte(0, 0x45).setShort(2, size);
    }
    return packet;
  }

  /** An IPv4 packet of {@code size} bytes that carries {@code number} and a pattern after it. */
  static byte[] numbered(int number, int size) {
    byte[] packet = new byte[size];
    ByteBuf bytes = Unpooled.wrappedBuffer(packet).setByte(0, 0x45).setShort(2, size);
    bytes.setInt(16, number);
    for (int i = 20; i < size; i++) {
      packet[i] = (byte) (number + i);
    }
    return packet;
  }
}
