package dev.tailbridge.bridge.service;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordEncoder;
import io.netty.handler.codec.dns.DnsRecordType;

/**
 * Writes answers (RFC 1035 4, RFC 6891). What does not fit is left out and the answer marked as
 * truncated; what fits stays, since lwIP looks no further than the first address.
 */
final class DnsReply {

  /** What every client takes by UDP. */
  static final int PLAIN_SIZE = 512;

  /** The most that we send by UDP, whatever a client takes. */
  static final int LARGEST_UDP = 1232;

  static final int LARGEST_TCP = 65535;

  private static final int TRUNCATED = 0x0200;
  private static final int RECURSION_AVAILABLE = 0x0080;
  private static final int OPT_LENGTH = 11;

  private DnsReply() {}

  /** The answer by UDP. */
  static ByteBuf datagram(DnsQuery query, NameAnswer answer) {
    return write(query, answer, Math.min(LARGEST_UDP, Math.max(PLAIN_SIZE, query.udpSize())));
  }

  /** The answer by TCP, without its length. */
  static ByteBuf message(DnsQuery query, NameAnswer answer) {
    return write(query, answer, LARGEST_TCP);
  }

  private static ByteBuf write(DnsQuery query, NameAnswer answer, int most) {
    int code = answer.code().intValue();
    ByteBuf out = Unpooled.buffer(PLAIN_SIZE, most);
    out.writeShort(query.id());
    out.writeShort(
        DnsQuery.RESPONSE
            | (query.flags() & (DnsQuery.OPCODE | DnsQuery.RECURSION_DESIRED))
            | RECURSION_AVAILABLE
            | (code & 15));
    out.writeShort(query.asked().isReadable() ? 1 : 0).writeShort(0).writeShort(0);
    out.writeShort(query.hasEdns() ? 1 : 0);
    out.writeBytes(query.asked().slice());
    int room = most - (query.hasEdns() ? OPT_LENGTH : 0);
    int answers = 0;
    for (DnsRecord record : answer.records()) {
      int before = out.writerIndex();
      if (!fits(record, out, room)) {
        out.writerIndex(before);
        out.setShort(2, out.getUnsignedShort(2) | TRUNCATED);
        break;
      }
      answers++;
    }
    out.setShort(6, answers);
    if (query.hasEdns()) {
      out.writeByte(0).writeShort(DnsRecordType.OPT.intValue()).writeShort(LARGEST_UDP);
      out.writeByte(code >>> 4).writeByte(0).writeShort(0).writeShort(0);
    }
    return out;
  }

  private static boolean fits(DnsRecord record, ByteBuf out, int room) {
    try {
      DnsRecordEncoder.DEFAULT.encodeRecord(record, out);
      return out.writerIndex() <= room;
    } catch (IndexOutOfBoundsException full) {
      return false;
    } catch (Exception e) {
      throw new IllegalStateException("a record that was read cannot be written", e);
    }
  }
}
