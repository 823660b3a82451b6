package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.MAX_STAGED_PACKETS;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Packets that wait for a session, in order; when full the oldest goes. */
final class StagedPackets {

  private final ArrayDeque<byte[]> packets = new ArrayDeque<>(2);

  /** Keeps a copy; true when the oldest packet had to go for it. */
  boolean add(byte[] packet, int length) {
    boolean full = packets.size() == MAX_STAGED_PACKETS;
    if (full) {
      packets.removeFirst();
    }
    packets.addLast(Arrays.copyOf(packet, length));
    return full;
  }

  byte @Nullable [] peek() {
    return packets.peekFirst();
  }

  void remove() {
    packets.removeFirst();
  }

  boolean isEmpty() {
    return packets.isEmpty();
  }

  /** Forgets all; returns how many there were. */
  int clear() {
    int count = packets.size();
    packets.clear();
    return count;
  }
}
