package dev.tailbridge.ip;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What an IPv6 packet carries behind its extension headers (RFC 8200 4): hop-by-hop options,
 * routing, destination options and one fragment header are stepped over.
 *
 * @param protocol of the payload; of a later fragment, what the fragment header names
 * @param index of its first byte
 * @param length bytes of it that are there
 * @param fragmentOffset where a fragment's payload belongs in the datagram's, in bytes
 * @param moreFragments whether another fragment follows this one
 * @param identification that fragments of one datagram share; 0 without a fragment header
 * @param sourceRouted whether a routing header wants the packet to go elsewhere from here
 */
public record Ipv6Payload(
    int protocol,
    int index,
    int length,
    int fragmentOffset,
    boolean moreFragments,
    int identification,
    boolean sourceRouted) {

  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int DESTINATION_OPTIONS = 60;

  /** More than anybody sends; a longer chain ends at one that is no known protocol. */
  private static final int MAX_EXTENSIONS = 8;

  private static final int UNIT = 8;

  /**
   * Finds the payload.
   *
   * @param header index of the fixed header, of which all bytes are there
   * @param end index behind the last byte of the packet that is there
   * @return null if a header claims more bytes than are there
   */
  public static @Nullable Ipv6Payload find(ByteBuf buffer, int header, int end) {
    int protocol = Ipv6Header.at(buffer, header).nextHeader();
    int at = header + Ipv6Header.LENGTH;
    int fragment = 0;
    int identification = 0;
    boolean sourceRouted = false;
    for (int i = 0; i < MAX_EXTENSIONS && isExtension(protocol) && at + UNIT <= end; i++) {
      int extension = protocol;
      protocol = buffer.getUnsignedByte(at);
      if (extension == FRAGMENT) {
        fragment = buffer.getUnsignedShort(at + 2);
        identification = buffer.getInt(at + 4);
        at += UNIT;
        if (isFragment(fragment)) {
          break;
        }
      } else {
        sourceRouted |= extension == ROUTING && buffer.getByte(at + 3) != 0;
        at += UNIT + UNIT * buffer.getUnsignedByte(at + 1);
      }
    }
    if (at > end) {
      return null;
    }
    boolean more = (fragment & 1) != 0;
    int offset = fragment & ~7;
    return new Ipv6Payload(protocol, at, end - at, offset, more, identification, sourceRouted);
  }

  /** Whether this is a part of a datagram; an atomic fragment (RFC 6946) is a whole one. */
  public boolean isFragment() {
    return moreFragments || fragmentOffset != 0;
  }

  private static boolean isFragment(int field) {
    return (field & ~6) != 0;
  }

  private static boolean isExtension(int protocol) {
    return protocol == HOP_BY_HOP
        || protocol == ROUTING
        || protocol == FRAGMENT
        || protocol == DESTINATION_OPTIONS;
  }
}
