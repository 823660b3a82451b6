package dev.tailbridge.ip;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One datagram of which fragments have come. Its bytes are copied to their place at once, so that
 * no small fragment holds a large buffer; which parts are there is a sorted list of disjoint
 * ranges, one per fragment.
 */
final class Assembly {

  /** 65,535 bytes in fragments of 552 payload bytes, as over a 576-byte link. */
  private static final int MAX_FRAGMENTS = 128;

  private static final int UNKNOWN = -1;

  private final long startedNanos;
  private final ByteBuf packet;
  private final int[] starts = new int[MAX_FRAGMENTS];
  private final int[] ends = new int[MAX_FRAGMENTS];
  private int count;
  private int received;
  private int total = UNKNOWN;
  private @Nullable FragmentDrop spoiled;

  /** Starts with the header of whichever fragment came first. */
  Assembly(ByteBuf fragment, long nowNanos) {
    startedNanos = nowNanos;
    packet = fragment.alloc().buffer(fragment.readableBytes());
    packet.writeBytes(fragment, fragment.readerIndex(), Ipv4Header.LENGTH);
  }

  long startedNanos() {
    return startedNanos;
  }

  /** Memory in use. */
  int bytes() {
    return packet.capacity();
  }

  /** Why the datagram can no longer become whole. */
  @Nullable FragmentDrop spoiled() {
    return spoiled;
  }

  /** Refuses the datagram and all fragments of it that are still to come; lets its bytes go. */
  void spoil(FragmentDrop reason) {
    spoiled = reason;
    packet.capacity(Ipv4Header.LENGTH);
  }

  /**
   * Copies a fragment to its place; one that repeats another exactly changes nothing.
   *
   * @return why it spoils the datagram, or null
   */
  @Nullable FragmentDrop add(ByteBuf fragment, Ipv4Header ip) {
    int start = ip.fragmentOffset();
    int end = start + ip.payloadLength();
    int place = 0;
    while (place < count && starts[place] < start) {
      place++;
    }
    boolean repeated = place < count && starts[place] == start && ends[place] == end;
    boolean fits =
        (place == 0 || ends[place - 1] <= start) && (place == count || end <= starts[place]);
    boolean last = !ip.moreFragments();
    if (contradicts(end, last) || !(repeated || fits)) {
      return FragmentDrop.OVERLAP;
    }
    if (repeated) {
      return null;
    }
    if (count == MAX_FRAGMENTS) {
      return FragmentDrop.TABLE_FULL;
    }
    insert(place, start, end);
    total = last ? end : total;
    received += end - start;
    reserve(Ipv4Header.LENGTH + end);
    packet.setBytes(Ipv4Header.LENGTH + start, fragment, ip.payload(), end - start);
    if (start == 0) {
      packet.setBytes(0, fragment, fragment.readerIndex(), Ipv4Header.LENGTH);
    }
    return null;
  }

  /** Whether an end disagrees with what is known of the datagram's. */
  private boolean contradicts(int end, boolean last) {
    if (total != UNKNOWN) {
      return last ? end != total : end > total;
    }
    return last && count > 0 && ends[count - 1] > end;
  }

  private void insert(int place, int start, int end) {
    System.arraycopy(starts, place, starts, place + 1, count - place);
    System.arraycopy(ends, place, ends, place + 1, count - place);
    starts[place] = start;
    ends[place] = end;
    count++;
  }

  private void reserve(int size) {
    if (packet.capacity() < size) {
      // The last fragment tells the whole size; before it comes, room for one more like this.
      packet.capacity(total == UNKNOWN ? Math.min(0xffff, size + size / 2) : size);
    }
  }

  boolean isComplete() {
    return received == total;
  }

  /** The whole packet, with the first fragment's header made that of a whole one. */
  ByteBuf takeWhole() {
    int size = Ipv4Header.LENGTH + total;
    packet.writerIndex(size);
    Ipv4Header.of(packet).rewriteFragment(size, 0, false);
    return packet;
  }

  /** Ends a datagram that was not spoiled, and so not counted, before. */
  void giveUp(FragmentDrop reason, Reassembler.Drops drops) {
    if (spoiled == null) {
      drops.drop(reason, packet);
    } else {
      packet.release();
    }
  }
}
