package dev.tailbridge.wireguard.routing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** An IPv4 or IPv6 address range such as {@code 10.6.0.0/24}; its host bits are zero. Immutable. */
public final class IpPrefix {

  private static final Pattern IPV4 =
      Pattern.compile(
          "(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
  private static final Pattern LENGTH = Pattern.compile("0|[1-9]\\d{0,2}");

  private final byte[] bits;
  private final int length;

  private IpPrefix(byte[] address, int length) {
    this.bits = address.clone();
    this.length = length;
    for (int i = length; i < bits.length * 8; i++) {
      bits[i >>> 3] &= (byte) ~(0x80 >>> (i & 7));
    }
  }

  /** The prefix of {@code length} bits around an address; host bits are cleared. */
  public static IpPrefix of(InetAddress address, int length) {
    byte[] bytes = address.getAddress();
    if (length < 0 || length > bytes.length * 8) {
      throw new IllegalArgumentException(
          "Prefix length "
              + length
              + " of "
              + address.getHostAddress()
              + " is not in 0.."
              + bytes.length * 8);
    }
    return new IpPrefix(bytes, length);
  }

  /**
   * Parses {@code 10.6.0.0/24}, {@code fd00::/64} or a bare address, which stands for itself alone.
   * Names are never looked up.
   *
   * @throws IllegalArgumentException with a message for the person who wrote the text
   */
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    byte[] address = literal(slash < 0 ? text : text.substring(0, slash));
    if (address.length == 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is not an IP range; write it like 10.6.0.0/24, fd00::/64 or 10.6.0.2");
    }
    int width = address.length * 8;
    if (slash < 0) {
      return new IpPrefix(address, width);
    }
    String length = text.substring(slash + 1);
    if (!LENGTH.matcher(length).matches() || Integer.parseInt(length) > width) {
      throw new IllegalArgumentException(
          "'" + text + "': the number after the slash must be in 0.." + width);
    }
    return new IpPrefix(address, Integer.parseInt(length));
  }

  /** The address bytes, or none when the text is no literal address. */
  private static byte[] literal(String text) {
    var v4 = IPV4.matcher(text);
    if (v4.matches()) {
      byte[] address = new byte[4];
      for (int i = 0; i < 4; i++) {
        int octet = Integer.parseInt(v4.group(i + 1));
        if (octet > 255) {
          return new byte[0];
        }
        address[i] = (byte) octet;
      }
      return address;
    }
    if (!IPV6.matcher(text).matches()) {
      return new byte[0];
    }
    try {
      byte[] address = InetAddress.getByName(text).getAddress();
      // A mapped address comes back as IPv4: it names no IPv6 range, so it is refused.
      return address.length == 16 ? address : new byte[0];
    } catch (UnknownHostException e) {
      return new byte[0];
    }
  }

  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == bits.length && new IpPrefix(bytes, length).equals(this);
  }

  /** Number of leading bits that are fixed: 0..32 or 0..128. */
  public int length() {
    return length;
  }

  /** The first address of the range. */
  public InetAddress address() {
    try {
      return InetAddress.getByAddress(bits);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IP address has 4 or 16 bytes", e);
    }
  }

  public boolean isIpv6() {
    return bits.length == 16;
  }

  /** The address bytes themselves, not a copy: never write to them. */
  byte[] bits() {
    return bits;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IpPrefix prefix
        && length == prefix.length
        && Arrays.equals(bits, prefix.bits);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(bits) + length;
  }

  /** The canonical text, always with the length. */
  @Override
  public String toString() {
    return address().getHostAddress() + "/" + length;
  }
}
