package dev.tailbridge.wireguard.routing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The cryptokey routing table (paper 2): longest matching prefix, one path-compressed binary trie
 * per address family.
 *
 * <ul>
 *   <li>A prefix belongs to one owner: inserting it again moves it.
 *   <li>A lookup allocates nothing, takes no lock, and costs at most one step per distinct prefix
 *       on the path.
 *   <li>A lookup sees the table as it was before a change or as it is after it: an address whose
 *       prefix moves is never without an owner.
 * </ul>
 *
 * <p>Thread-safe. Nodes never change; a change copies the path from the root to what it is about
 * and then replaces the root. Changes wait for each other, lookups for nobody.
 */
public final class AllowedIps<V> {

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private volatile @Nullable Node<V> ipv4;
  private volatile @Nullable Node<V> ipv6;

  /** Gives a prefix to {@code owner}, taking it from whoever had exactly this prefix. */
  public synchronized void insert(IpPrefix prefix, V owner) {
    byte[] bits = prefix.bits();
    int width = bits.length;
    Node<V> leaf =
        new Node<>(high(bits, 0, width), low(bits, 0, width), prefix.length(), owner, null, null);
    if (prefix.isIpv6()) {
      ipv6 = insert(ipv6, leaf);
    } else {
      ipv4 = insert(ipv4, leaf);
    }
  }

  /** Removes every prefix of this owner. */
  public synchronized void removeAll(V owner) {
    ipv4 = prune(ipv4, owner);
    ipv6 = prune(ipv6, owner);
  }

  /**
   * The owner of the longest prefix that contains the address at {@code offset}, or null.
   *
   * @param width address bytes: 4 or 16
   */
  public @Nullable V lookup(byte[] packet, int offset, int width) {
    long high = high(packet, offset, width);
    long low = low(packet, offset, width);
    Node<V> node = width == 4 ? ipv4 : ipv6;
    V best = null;
    while (node != null && node.commonBits(high, low) >= node.length) {
      if (node.owner != null) {
        best = node.owner;
      }
      // Below a whole address there is nothing, so its bit beyond the end does no harm.
      node = bit(high, low, node.length) ? node.one : node.zero;
    }
    return best;
  }

  private static <V> Node<V> insert(@Nullable Node<V> node, Node<V> leaf) {
    if (node == null) {
      return leaf;
    }
    int common = Math.min(node.commonBits(leaf.high, leaf.low), Math.min(node.length, leaf.length));
    if (common < node.length) {
      // The paths part above this node: the new prefix, or a fork without owner, takes its place.
      return common == leaf.length
          ? leaf.with(bit(node.high, node.low, common), node)
          : leaf.forkAt(common).with(bit(node.high, node.low, common), node);
    }
    if (common == leaf.length) {
      return new Node<>(node.high, node.low, node.length, leaf.owner, node.zero, node.one);
    }
    boolean side = bit(leaf.high, leaf.low, common);
    return node.with(side, insert(side ? node.one : node.zero, leaf));
  }

  private static <V> @Nullable Node<V> prune(@Nullable Node<V> node, V owner) {
    if (node == null) {
      return null;
    }
    Node<V> zero = prune(node.zero, owner);
    Node<V> one = prune(node.one, owner);
    V remaining = owner.equals(node.owner) ? null : node.owner;
    if (remaining == null && (zero == null || one == null)) {
      return zero != null ? zero : one;
    }
    return remaining == node.owner && zero == node.zero && one == node.one
        ? node
        : new Node<>(node.high, node.low, node.length, remaining, zero, one);
  }

  /** The first 64 bits of an address; those of IPv4 are followed by zeros. */
  private static long high(byte[] bytes, int offset, int width) {
    return width == 4 ? (long) (int) INT.get(bytes, offset) << 32 : (long) LONG.get(bytes, offset);
  }

  private static long low(byte[] bytes, int offset, int width) {
    return width == 4 ? 0 : (long) LONG.get(bytes, offset + 8);
  }

  private static boolean bit(long high, long low, int index) {
    return (index < 64 ? high : low) << index < 0;
  }

  /** A prefix with its owner, or a fork (no owner, two children). Immutable. */
  private static final class Node<V> {
    final long high;
    final long low;
    final int length;
    final @Nullable V owner;
    final @Nullable Node<V> zero;
    final @Nullable Node<V> one;

    Node(
        long high,
        long low,
        int length,
        @Nullable V owner,
        @Nullable Node<V> zero,
        @Nullable Node<V> one) {
      this.high = high;
      this.low = low;
      this.length = length;
      this.owner = owner;
      this.zero = zero;
      this.one = one;
    }

    /** How many bits an address has in common with this one from the first on: 0 to 128. */
    int commonBits(long otherHigh, long otherLow) {
      long difference = high ^ otherHigh;
      return difference != 0
          ? Long.numberOfLeadingZeros(difference)
          : 64 + Long.numberOfLeadingZeros(low ^ otherLow);
    }

    Node<V> with(boolean side, Node<V> child) {
      return new Node<>(high, low, length, owner, side ? zero : child, side ? child : one);
    }

    /** A node without owner above this one; it may keep the bits behind its length. */
    Node<V> forkAt(int above) {
      return new Node<V>(high, low, above, null, null, null).with(bit(high, low, above), this);
    }
  }
}
