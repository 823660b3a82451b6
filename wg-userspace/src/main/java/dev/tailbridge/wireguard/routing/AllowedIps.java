package dev.tailbridge.wireguard.routing;

import org.jspecify.annotations.Nullable;

/**
 * The cryptokey routing table (paper 2): longest matching prefix, one path-compressed binary trie
 * per address family.
 *
 * <ul>
 *   <li>A prefix belongs to one owner: inserting it again moves it.
 *   <li>A lookup allocates nothing and costs at most one step per distinct prefix on the path.
 * </ul>
 *
 * <p>Not thread-safe.
 */
public final class AllowedIps<V> {

  private @Nullable Node<V> ipv4;
  private @Nullable Node<V> ipv6;

  /** Gives a prefix to {@code owner}, taking it from whoever had exactly this prefix. */
  public void insert(IpPrefix prefix, V owner) {
    if (prefix.isIpv6()) {
      ipv6 = insert(ipv6, prefix.bits(), prefix.length(), owner);
    } else {
      ipv4 = insert(ipv4, prefix.bits(), prefix.length(), owner);
    }
  }

  /** Removes every prefix of this owner. */
  public void removeAll(V owner) {
    ipv4 = prune(ipv4, owner);
    ipv6 = prune(ipv6, owner);
  }

  /**
   * The owner of the longest prefix that contains the address at {@code offset}, or null.
   *
   * @param width address bytes: 4 or 16
   */
  public @Nullable V lookup(byte[] packet, int offset, int width) {
    Node<V> node = width == 4 ? ipv4 : ipv6;
    V best = null;
    while (node != null && node.matches(packet, offset)) {
      if (node.owner != null) {
        best = node.owner;
      }
      if (node.length == width * 8) {
        break;
      }
      node = bit(packet, offset, node.length) ? node.one : node.zero;
    }
    return best;
  }

  private static <V> Node<V> insert(@Nullable Node<V> node, byte[] bits, int length, V owner) {
    if (node == null) {
      return new Node<>(bits, length, owner);
    }
    int common = commonBits(node.bits, bits, Math.min(node.length, length));
    if (common == node.length && common == length) {
      node.owner = owner;
      return node;
    }
    if (common == node.length) {
      boolean side = bit(bits, 0, common);
      node.child(side, insert(node.child(side), bits, length, owner));
      return node;
    }
    // The paths part above this node: the new prefix, or a fork without owner, takes its place.
    Node<V> parent = new Node<>(bits, common, common == length ? owner : null);
    parent.child(bit(node.bits, 0, common), node);
    if (common < length) {
      parent.child(bit(bits, 0, common), new Node<>(bits, length, owner));
    }
    return parent;
  }

  private static <V> @Nullable Node<V> prune(@Nullable Node<V> node, V owner) {
    if (node == null) {
      return null;
    }
    node.zero = prune(node.zero, owner);
    node.one = prune(node.one, owner);
    if (owner.equals(node.owner)) {
      node.owner = null;
    }
    if (node.owner != null || (node.zero != null && node.one != null)) {
      return node;
    }
    return node.zero != null ? node.zero : node.one;
  }

  private static boolean bit(byte[] bytes, int offset, int index) {
    return (bytes[offset + (index >>> 3)] & (0x80 >>> (index & 7))) != 0;
  }

  private static int commonBits(byte[] a, byte[] b, int limit) {
    int common = 0;
    while (common < limit && bit(a, 0, common) == bit(b, 0, common)) {
      common++;
    }
    return common;
  }

  /** A prefix with its owner, or a fork (no owner, two children). */
  private static final class Node<V> {
    final byte[] bits;
    final int length;
    @Nullable V owner;
    @Nullable Node<V> zero;
    @Nullable Node<V> one;

    Node(byte[] bits, int length, @Nullable V owner) {
      this.bits = bits;
      this.length = length;
      this.owner = owner;
    }

    boolean matches(byte[] packet, int offset) {
      int whole = length >>> 3;
      for (int i = 0; i < whole; i++) {
        if (packet[offset + i] != bits[i]) {
          return false;
        }
      }
      int rest = length & 7;
      return rest == 0 || ((packet[offset + whole] ^ bits[whole]) & (0xff00 >>> rest) & 0xff) == 0;
    }

    @Nullable Node<V> child(boolean side) {
      return side ? one : zero;
    }

    void child(boolean side, Node<V> node) {
      if (side) {
        one = node;
      } else {
        zero = node;
      }
    }
  }
}
