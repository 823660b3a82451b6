package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.netstack.tcp.Segment;
import dev.tailbridge.netstack.tcp.SegmentCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Any packet as a segment: refused, or the same after it went back into a packet. Checksums are
 * repaired first, or no fuzzer would get past them; as they stand they are tried too.
 *
 * <p>Normal builds run the inputs in {@code SegmentPacketsFuzzTestInputs}; CONTRIBUTING.md says how
 * to fuzz.
 */
class SegmentPacketsFuzzTest {

  @FuzzTest
  void anyPacket(byte[] input) {
    read(Unpooled.wrappedBuffer(input.clone()), new Segment());
    ByteBuf packet = Unpooled.wrappedBuffer(input);
    repair(packet);
    Segment segment = new Segment();
    FourTuple tuple = read(packet, segment);
    if (tuple == null || SegmentCodec.length(segment) - segment.dataLength() > 60) {
      return;
    }
    String seen = segment.toString();
    Segment kept = copy(segment);
    // As the peer would have sent it.
    IpAddress remote = IpAddress.of(tuple.remote().getAddress());
    FourTuple theirs = FourTuple.of(remote, tuple.remotePort(), tuple.local());
    ByteBuf written = SegmentPackets.write(kept, theirs, UnpooledByteBufAllocator.DEFAULT);
    try {
      Segment again = new Segment();
      assertThat(read(written, again)).isEqualTo(tuple);
      assertThat(again).hasToString(seen);
    } finally {
      written.release();
    }
  }

  private static @Nullable FourTuple read(ByteBuf packet, Segment into) {
    if (packet.readableBytes() > PacketScratch.MAX_PACKET) {
      return null;
    }
    PacketScratch scratch = PacketScratch.ofThisThread();
    IpPacket ip = IpPacket.of(scratch.load(packet));
    boolean tcp = ip != null && ip.protocol() == IpProtocol.TCP && !ip.fragment();
    return tcp && SegmentPackets.read(scratch, ip, into) ? ip.tuple() : null;
  }

  /** The data of what was read lies where writing would overwrite it. */
  private static Segment copy(Segment segment) {
    byte[] bytes = new byte[SegmentCodec.length(segment)];
    SegmentCodec.write(segment, bytes, 0);
    Segment copy = new Segment();
    assertThat(SegmentCodec.read(bytes, 0, bytes.length, copy)).isTrue();
    return copy;
  }

  private static void repair(ByteBuf packet) {
    if (packet.readableBytes() < 1) {
      return;
    }
    if (packet.getByte(0) >>> 4 == 6) {
      if (Ipv6Header.isWhole(packet)) {
        Ipv6Header ip = Ipv6Header.of(packet);
        int length = ip.payloadLength();
        segment(packet, ip.payload(), length, ip.pseudoHeader(IpProtocol.TCP, length));
      }
    } else if (packet.readableBytes() >= Ipv4Header.LENGTH) {
      int header = (packet.getByte(0) & 15) * 4;
      int total = packet.getUnsignedShort(2);
      if (header < Ipv4Header.LENGTH || header > total || total > packet.readableBytes()) {
        return;
      }
      packet.setShort(10, 0);
      packet.setShort(10, InternetChecksum.of(packet, 0, header));
      int pseudo =
          InternetChecksum.pseudoHeader(
              packet.getInt(12), packet.getInt(16), IpProtocol.TCP, total - header);
      segment(packet, header, total - header, pseudo);
    }
  }

  private static void segment(ByteBuf packet, int at, int length, int pseudo) {
    if (length >= SegmentCodec.HEADER_BYTES) {
      TcpHeader.at(packet, at, length).computeChecksum(pseudo);
    }
  }
}
