package dev.tailbridge.wireguard.protocol;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Our receiver indices: which peer a message belongs to. An index is random, never 0, and names one
 * handshake or session at a time (paper 5.4.2).
 *
 * <ul>
 *   <li>The low bits name the core that gave it out, so that whoever receives a message, the kernel
 *       included, knows where it belongs; a power of two of cores.
 *   <li>The highest eight bits are for the instance, should several processes ever share a port.
 *   <li>Open addressing with linear probing; the other bits are random, so they are their own hash.
 * </ul>
 */
final class IndexTable {

  private static final int INSTANCE_BITS = 8;

  /** The one there is. */
  private static final int INSTANCE = 0;

  private final Random random;
  private final int fixed;
  private final int fixedMask;
  private final int coreBits;
  private int[] indices = new int[16];
  private @Nullable Peer[] peers = new Peer[16];
  private int size;

  /**
   * @param cores how many there are, a power of two
   * @param core which of them this table belongs to
   */
  IndexTable(Random random, int cores, int core) {
    this.random = random;
    this.coreBits = Integer.numberOfTrailingZeros(cores);
    this.fixedMask = (cores - 1) | -1 << (Integer.SIZE - INSTANCE_BITS);
    this.fixed = core | INSTANCE << (Integer.SIZE - INSTANCE_BITS);
  }

  int allocate(Peer peer) {
    if (2 * (size + 1) > indices.length) {
      grow();
    }
    while (true) {
      int index = (random.nextInt() & ~fixedMask) | fixed;
      if (index != 0) {
        int slot = slot(index);
        if (indices[slot] == 0) {
          indices[slot] = index;
          peers[slot] = peer;
          size++;
          return index;
        }
      }
    }
  }

  @Nullable Peer find(int index) {
    return index == 0 ? null : peers[slot(index)];
  }

  void free(int index) {
    int hole = slot(index);
    if (index == 0 || indices[hole] == 0) {
      return;
    }
    size--;
    int mask = indices.length - 1;
    // Close the gap: move back every later entry of the run that may sit in the hole.
    for (int i = (hole + 1) & mask; indices[i] != 0; i = (i + 1) & mask) {
      int home = home(indices[i]);
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        indices[hole] = indices[i];
        peers[hole] = peers[i];
        hole = i;
      }
    }
    indices[hole] = 0;
    peers[hole] = null;
  }

  int size() {
    return size;
  }

  /** Where the index is, or where it would go. */
  private int slot(int index) {
    int mask = indices.length - 1;
    int slot = home(index);
    while (indices[slot] != 0 && indices[slot] != index) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private int home(int index) {
    return index >>> coreBits & (indices.length - 1);
  }

  private void grow() {
    int[] oldIndices = indices;
    @Nullable Peer[] oldPeers = peers;
    indices = new int[oldIndices.length * 2];
    peers = new Peer[indices.length];
    for (int i = 0; i < oldIndices.length; i++) {
      if (oldIndices[i] != 0) {
        int slot = slot(oldIndices[i]);
        indices[slot] = oldIndices[i];
        peers[slot] = oldPeers[i];
      }
    }
  }
}
