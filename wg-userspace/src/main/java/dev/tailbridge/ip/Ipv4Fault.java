package dev.tailbridge.ip;

/** What can be wrong with bytes that should be one IPv4 packet. */
public enum Ipv4Fault {
  /** Nothing. */
  NONE,
  /** Shorter than a header. */
  TRUNCATED,
  /** The version is not 4. */
  NOT_IPV4,
  /** The header claims fewer than 20 bytes, or more than the packet has. */
  HEADER_LENGTH,
  /** The header's total length is not the number of bytes at hand. */
  TOTAL_LENGTH,
  /** The header checksum is wrong. */
  CHECKSUM
}
