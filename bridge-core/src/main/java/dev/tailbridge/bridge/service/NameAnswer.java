package dev.tailbridge.bridge.service;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsPtrRecord;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a name is. Its records hold no buffers that somebody must release.
 *
 * @param records of the answer section alone: the others are for those who ask on
 */
record NameAnswer(DnsResponseCode code, List<DnsRecord> records) {

  static final NameAnswer FAILED = of(DnsResponseCode.SERVFAIL);
  static final NameAnswer REFUSED = of(DnsResponseCode.REFUSED);
  static final NameAnswer UNKNOWN = of(DnsResponseCode.NXDOMAIN);

  private static final int COUNTS = 4;
  private static final int HEADER = 12;

  NameAnswer {
    records = List.copyOf(records);
  }

  static NameAnswer of(DnsResponseCode code) {
    return new NameAnswer(code, List.of());
  }

  /** Whether it says something of the name, and not only of who was asked. */
  boolean isAboutTheName() {
    return code.equals(DnsResponseCode.NOERROR) || code.equals(DnsResponseCode.NXDOMAIN);
  }

  /**
   * Reads a message (RFC 1035 4).
   *
   * @return {@link #FAILED} when it is none
   */
  static NameAnswer read(byte[] message) {
    ByteBuf in = Unpooled.wrappedBuffer(message);
    if (message.length < HEADER) {
      return FAILED;
    }
    DnsResponseCode code = DnsResponseCode.valueOf(in.getUnsignedByte(3) & 15);
    int questions = in.getUnsignedShort(COUNTS);
    int answers = in.getUnsignedShort(COUNTS + 2);
    in.readerIndex(HEADER);
    try {
      for (int i = 0; i < questions; i++) {
        DnsRecordDecoder.DEFAULT.decodeQuestion(in);
      }
      List<DnsRecord> records = new ArrayList<>();
      for (int i = 0; i < answers; i++) {
        DnsRecord record = DnsRecordDecoder.DEFAULT.decodeRecord(in);
        if (record == null) {
          return FAILED;
        }
        DnsRecord own = ownCopy(record, record.name());
        ReferenceCountUtil.release(record);
        if (own != null) {
          records.add(own);
        }
      }
      return new NameAnswer(code, records);
    } catch (Exception cannotBeRead) {
      return FAILED;
    }
  }

  /** A record with its bytes for itself, under this name; null for one without bytes. */
  static @Nullable DnsRecord ownCopy(DnsRecord record, String name) {
    if (record instanceof DnsPtrRecord) {
      return record;
    }
    if (!(record instanceof DnsRawRecord raw)) {
      return null;
    }
    return new DefaultDnsRawRecord(
        name,
        raw.type(),
        raw.dnsClass(),
        raw.timeToLive(),
        Unpooled.wrappedBuffer(ByteBufUtil.getBytes(raw.content())));
  }

  /** The same, where records that are called {@code from} are called {@code to}. */
  NameAnswer renamed(String from, String to) {
    List<DnsRecord> renamed = new ArrayList<>();
    for (DnsRecord record : records) {
      DnsRecord copy = record.name().equalsIgnoreCase(from) ? ownCopy(record, to) : record;
      if (copy != null) {
        renamed.add(copy);
      }
    }
    return new NameAnswer(code, renamed);
  }
}
