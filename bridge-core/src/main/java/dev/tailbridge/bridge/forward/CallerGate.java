package dev.tailbridge.bridge.forward;

import dev.tailbridge.bridge.forward.CallerPolicy.Verdict;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Address;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets the first packet of a flow pass, drop or wait, by who sent it. A packet that waited is taken
 * up again as if it had come then.
 */
final class CallerGate {

  private final CallerPolicy policy;
  private final StandIns ipv6Callers;
  private final Exits exits;
  private final ObjLongConsumer<ByteBuf> resume;

  /**
   * @param resume takes a packet that has waited
   */
  CallerGate(
      CallerPolicy policy, StandIns ipv6Callers, Exits exits, ObjLongConsumer<ByteBuf> resume) {
    this.policy = policy;
    this.ipv6Callers = ipv6Callers;
    this.exits = exits;
    this.resume = resume;
  }

  /** Whether a checked packet may open a flow now; else it is taken. */
  boolean mayOpen(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    InetAddress caller = caller(ip.source());
    if (caller == null) {
      exits.drop(ForwardDrop.TABLE_FULL, packet);
      return false;
    }
    Verdict verdict = policy.judge(caller, nowNanos);
    if (verdict == Verdict.PENDING && policy.await(caller, new WaitingPacket(packet))) {
      return false;
    }
    ForwardDrop drop = verdict.drop();
    if (drop != null) {
      exits.drop(drop, packet);
    }
    return drop == null;
  }

  /** Why an IPv6 caller gets no answer at all, or null; there is nothing here that could wait. */
  @Nullable ForwardDrop refusal(Ipv6Address caller, long nowNanos) {
    return policy.judge(address(caller), nowNanos).drop();
  }

  private @Nullable InetAddress caller(int source) {
    if (!StandIns.isStandIn(source)) {
      return address(ByteBuffer.allocate(4).putInt(source).array());
    }
    Ipv6Address caller = ipv6Callers.peek(source);
    return caller == null ? null : address(caller);
  }

  private static InetAddress address(Ipv6Address address) {
    return address(ByteBuffer.allocate(16).putLong(address.high()).putLong(address.low()).array());
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("4 and 16 bytes are an address", e);
    }
  }

  /** Bounded in number by the policy, and in size by the device's link. */
  private final class WaitingPacket implements CallerPolicy.Waiting {
    private final ByteBuf packet;

    WaitingPacket(ByteBuf packet) {
      this.packet = packet;
    }

    @Override
    public void decided(long nowNanos) {
      resume.accept(packet, nowNanos);
    }

    @Override
    public void forgotten() {
      packet.release();
    }
  }
}
