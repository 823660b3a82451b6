package dev.tailbridge.bridge.service;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * A question as it came (RFC 1035 4, RFC 6891).
 *
 * @param flags of its header
 * @param asked the question section as it was written, to be sent back; empty when it cannot be
 *     read; nobody need release it
 * @param question null when the message is answered by {@code fault}
 * @param udpSize how long an answer by UDP may be; 0 without EDNS
 * @param fault why the message cannot be answered; null when it can
 */
record DnsQuery(
    int id,
    int flags,
    ByteBuf asked,
    @Nullable DnsQuestion question,
    int udpSize,
    @Nullable DnsResponseCode fault) {

  static final int HEADER = 12;
  static final int RESPONSE = 0x8000;
  static final int OPCODE = 0x7800;
  static final int RECURSION_DESIRED = 0x0100;

  private static final ByteBuf NOTHING = Unpooled.EMPTY_BUFFER;

  /** What we can pass on: with other records names may hide in the data (RFC 3597 4). */
  private static boolean isKnown(DnsRecordType type) {
    int number = type.intValue();
    return number == DnsRecordType.A.intValue()
        || number == DnsRecordType.AAAA.intValue()
        || number == DnsRecordType.CNAME.intValue()
        || number == DnsRecordType.PTR.intValue()
        || number == DnsRecordType.SRV.intValue()
        || number == DnsRecordType.TXT.intValue()
        || number == DnsRecordType.CAA.intValue()
        || number == SVCB
        || number == HTTPS;
  }

  private static final int SVCB = 64;
  private static final int HTTPS = 65;

  /** A message that is only read; null when it is none that could be answered. */
  static @Nullable DnsQuery read(ByteBuf message) {
    int start = message.readerIndex();
    if (message.readableBytes() < HEADER) {
      return null;
    }
    int id = message.getUnsignedShort(start);
    int flags = message.getUnsignedShort(start + 2);
    if ((flags & RESPONSE) != 0) {
      return null; // two servers would answer each other for ever
    }
    if ((flags & OPCODE) != 0) {
      return faulty(id, flags, NOTHING, 0, DnsResponseCode.NOTIMP);
    }
    boolean one =
        message.getUnsignedShort(start + 4) == 1
            && message.getUnsignedShort(start + 6) == 0
            && message.getUnsignedShort(start + 8) == 0;
    int additional = message.getUnsignedShort(start + 10);
    if (!one || additional > 2) {
      return faulty(id, flags, NOTHING, 0, DnsResponseCode.FORMERR);
    }
    ByteBuf in = message.slice();
    in.readerIndex(HEADER);
    try {
      DnsQuestion question = DnsRecordDecoder.DEFAULT.decodeQuestion(in);
      ByteBuf asked =
          Unpooled.wrappedBuffer(ByteBufUtil.getBytes(in, HEADER, in.readerIndex() - HEADER));
      int udpSize = 0;
      DnsResponseCode fault =
          question.dnsClass() != DnsRecord.CLASS_IN
              ? DnsResponseCode.REFUSED
              : isKnown(question.type()) ? null : DnsResponseCode.NOTIMP;
      for (int i = 0; i < additional; i++) {
        DnsRecord record = DnsRecordDecoder.DEFAULT.decodeRecord(in);
        if (record == null) {
          return faulty(id, flags, asked, udpSize, DnsResponseCode.FORMERR);
        }
        if (record.type().equals(DnsRecordType.OPT)) {
          udpSize = Math.max(DnsReply.PLAIN_SIZE, record.dnsClass());
          if ((record.timeToLive() >>> 16 & 0xff) != 0) {
            fault = DnsResponseCode.BADVERS_OR_BADSIG;
          }
        }
        ReferenceCountUtil.release(record);
      }
      return new DnsQuery(id, flags, asked, question, udpSize, fault);
    } catch (Exception cannotBeRead) {
      return faulty(id, flags, NOTHING, 0, DnsResponseCode.FORMERR);
    }
  }

  private static DnsQuery faulty(
      int id, int flags, ByteBuf asked, int udpSize, DnsResponseCode fault) {
    return new DnsQuery(id, flags, asked, null, udpSize, fault);
  }

  boolean hasEdns() {
    return udpSize > 0;
  }
}
