package dev.tailbridge.ip;

import io.netty.buffer.ByteBuf;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes whole datagrams of IPv4 fragments (RFC 791 3.2), within bounds.
 *
 * <ul>
 *   <li>A datagram is complete within {@link #TIMEOUT} of its first fragment or given up.
 *   <li>Fragments that overlap otherwise than by repeating each other exactly spoil their datagram,
 *       later ones included (RFC 5722 4 for IPv6, sensible for IPv4): nobody downstream can be made
 *       to see other bytes than we saw.
 *   <li>When count or memory is exhausted the oldest datagram gives way, so unfinished ones cannot
 *       keep others out.
 * </ul>
 */
public final class Reassembler {

  /** Is told what was thrown away. */
  public interface Drops {

    /**
     * @param packet a fragment, or what was gathered of a datagram; the callee's
     */
    void drop(FragmentDrop reason, ByteBuf packet);
  }

  /** RFC 791 proposes 15 s, RFC 1122 asks hosts for 60: a chip's link is slow, not that slow. */
  public static final long TIMEOUT = TimeUnit.SECONDS.toNanos(30);

  private record Key(int source, int destination, int protocol, int identification) {}

  private final int maxDatagrams;
  private final int maxBytes;
  private final int maxSize;
  private final Drops drops;

  /** Oldest first; all have the same time to live. */
  private final Map<Key, Assembly> assemblies = new LinkedHashMap<>();

  private int bytes;

  /**
   * @param maxDatagrams datagrams in fragments at a time
   * @param maxBytes memory for them
   * @param maxSize bytes of the largest packet worth making whole; a larger one is dropped as
   *     {@link FragmentDrop#TOO_BIG}
   */
  public Reassembler(int maxDatagrams, int maxBytes, int maxSize, Drops drops) {
    this.maxDatagrams = maxDatagrams;
    this.maxBytes = maxBytes;
    this.maxSize = maxSize;
    this.drops = drops;
  }

  /**
   * Takes one fragment with a checked header without options.
   *
   * @return the whole packet, the caller's, once this was the last missing part
   */
  public @Nullable ByteBuf add(ByteBuf fragment, Ipv4Header ip, long nowNanos) {
    int size = ip.payloadLength();
    if (size == 0 || (ip.moreFragments() && size % 8 != 0)) {
      drops.drop(FragmentDrop.MALFORMED, fragment);
      return null;
    }
    Key key = new Key(ip.source(), ip.destination(), ip.protocol(), ip.identification());
    Assembly assembly = assemblies.get(key);
    if (assembly == null) {
      if (assemblies.size() >= maxDatagrams) {
        giveUpOldest();
      }
      assembly = new Assembly(fragment, nowNanos);
      assemblies.put(key, assembly);
      bytes += assembly.bytes();
    }
    return addTo(assembly, key, fragment, ip);
  }

  private @Nullable ByteBuf addTo(Assembly assembly, Key key, ByteBuf fragment, Ipv4Header ip) {
    int before = assembly.bytes();
    FragmentDrop refusal = refusal(assembly, ip);
    if (refusal == null) {
      refusal = assembly.add(fragment, ip);
    }
    if (refusal != null) {
      assembly.spoil(refusal);
      bytes += assembly.bytes() - before;
      drops.drop(refusal, fragment);
      return null;
    }
    fragment.release();
    bytes += assembly.bytes() - before;
    while (bytes > maxBytes) {
      if (giveUpOldest() == assembly) {
        return null;
      }
    }
    if (!assembly.isComplete()) {
      return null;
    }
    assemblies.remove(key);
    bytes -= assembly.bytes();
    return assembly.takeWhole();
  }

  private @Nullable FragmentDrop refusal(Assembly assembly, Ipv4Header ip) {
    int end = Ipv4Header.LENGTH + ip.fragmentOffset() + ip.payloadLength();
    if (assembly.spoiled() != null) {
      return assembly.spoiled();
    }
    if (end > 0xffff) {
      return FragmentDrop.MALFORMED;
    }
    if (end > maxSize) {
      return FragmentDrop.TOO_BIG;
    }
    return end > maxBytes ? FragmentDrop.TABLE_FULL : null;
  }

  /** Gives up the datagrams whose time is over. */
  public void expire(long nowNanos) {
    for (var oldest = assemblies.values().iterator(); oldest.hasNext(); ) {
      Assembly assembly = oldest.next();
      if (nowNanos - assembly.startedNanos() < TIMEOUT) {
        return;
      }
      oldest.remove();
      bytes -= assembly.bytes();
      assembly.giveUp(FragmentDrop.INCOMPLETE, drops);
    }
  }

  /** Gives up everything. */
  public void clear() {
    while (!assemblies.isEmpty()) {
      giveUpOldest();
    }
  }

  /** Datagrams of which something is missing. */
  public int size() {
    return assemblies.size();
  }

  private Assembly giveUpOldest() {
    var oldest = assemblies.values().iterator();
    Assembly assembly = oldest.next();
    oldest.remove();
    bytes -= assembly.bytes();
    assembly.giveUp(FragmentDrop.TABLE_FULL, drops);
    return assembly;
  }
}
