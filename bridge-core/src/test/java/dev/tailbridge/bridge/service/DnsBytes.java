package dev.tailbridge.bridge.service;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** DNS messages (RFC 1035 4), written and read without the code under test. */
final class DnsBytes {

  static final int A = 1;
  static final int CNAME = 5;
  static final int PTR = 12;
  static final int MX = 15;
  static final int AAAA = 28;
  static final int HTTPS = 65;

  private final ByteBuf out = Unpooled.buffer();
  private int records;

  private DnsBytes(int id, int flags) {
    out.writeShort(id).writeShort(flags).writeZero(8);
  }

  /** A question with recursion desired, as a chip sends it. */
  static DnsBytes question(int id, String name, int type) {
    return new DnsBytes(id, 0x0100).asked(name, type);
  }

  static DnsBytes response(int flags, String name, int type) {
    return new DnsBytes(1, 0x8000 | flags).asked(name, type);
  }

  private DnsBytes asked(String name, int type) {
    out.setShort(4, 1);
    name(name);
    out.writeShort(type).writeShort(1);
    return this;
  }

  private void name(String name) {
    for (String label : name.split("\\.")) {
      out.writeByte(label.length());
      out.writeCharSequence(label, StandardCharsets.US_ASCII);
    }
    out.writeByte(0);
  }

  /** A record whose name points to the question's. */
  DnsBytes record(int type, int... data) {
    out.writeShort(0xc00c).writeShort(type).writeShort(1).writeInt(600).writeShort(data.length);
    for (int one : data) {
      out.writeByte(one);
    }
    out.setShort(6, ++records);
    return this;
  }

  DnsBytes edns(int size, int version) {
    out.setShort(10, 1);
    out.writeByte(0).writeShort(41).writeShort(size).writeByte(0).writeByte(version);
    out.writeShort(0).writeShort(0);
    return this;
  }

  DnsBytes set(int at, int value) {
    out.setShort(at, value);
    return this;
  }

  byte[] bytes() {
    return ByteBufUtil.getBytes(out);
  }

  /** As {@code id rcode [TC] question type: name type data …}. */
  static String text(byte[] message) {
    ByteBuf in = Unpooled.wrappedBuffer(message);
    int flags = in.getUnsignedShort(2);
    List<String> words = new ArrayList<>();
    words.add(String.valueOf(in.getUnsignedShort(0)));
    words.add((flags & 0x8000) == 0 ? "query" : "rcode " + (flags & 15));
    if ((flags & 0x0200) != 0) {
      words.add("TC");
    }
    in.readerIndex(12);
    if (in.getUnsignedShort(4) == 1) {
      words.add(readName(in) + " " + in.readUnsignedShort() + ":");
      in.skipBytes(2);
    }
    for (int i = 0; i < in.getUnsignedShort(6); i++) {
      words.add(readName(in) + " " + in.readUnsignedShort());
      in.skipBytes(6);
      words.add(ByteBufUtil.hexDump(in.readSlice(in.readUnsignedShort())));
    }
    if (in.getUnsignedShort(10) == 1) {
      in.skipBytes(3);
      words.add("EDNS " + in.readUnsignedShort() + " rcode+" + in.readUnsignedByte());
      in.skipBytes(5);
    }
    if (in.isReadable()) {
      words.add("and more");
    }
    return String.join(" ", words);
  }

  private static String readName(ByteBuf in) {
    StringBuilder name = new StringBuilder();
    int back = -1;
    for (int length = in.readUnsignedByte(); length != 0; length = in.readUnsignedByte()) {
      if (length >= 0xc0) {
        int to = (length & 0x3f) << 8 | in.readUnsignedByte();
        back = back < 0 ? in.readerIndex() : back;
        in.readerIndex(to);
      } else {
        name.append(in.readCharSequence(length, StandardCharsets.US_ASCII)).append('.');
      }
    }
    if (back >= 0) {
      in.readerIndex(back);
    }
    return name.toString();
  }
}
