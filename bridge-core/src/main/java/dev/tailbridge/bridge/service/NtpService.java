package dev.tailbridge.bridge.service;

import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.TokenBucket;
import dev.tailbridge.bridge.forward.host.RefusedQuestions;
import dev.tailbridge.bridge.forward.host.TunnelService;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Tells one device the time, by NTP and its simple form (RFC 5905) at UDP port 123. */
public final class NtpService implements TunnelService {

  static final int PORT = 123;

  /** A client asks once a minute at most, and a few times at its start. */
  private static final int PER_SECOND = 1;

  private static final int BURST = 16;

  private final HostClock clock;
  private final LongSupplier nanoTime;
  private final TokenBucket limit = new TokenBucket(PER_SECOND, BURST);

  public NtpService(HostClock clock, LongSupplier nanoTime) {
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  @Override
  public Set<Integer> tcpPorts() {
    return Set.of();
  }

  @Override
  public Set<Integer> udpPorts() {
    return Set.of(PORT);
  }

  @Override
  public void start(Stack stack, RefusedQuestions refused) {
    Port port = new Port(refused);
    port.endpoint = stack.bindUdp(PORT, port);
  }

  @Override
  public void stop() {}

  private final class Port implements UdpListener {
    private final RefusedQuestions refused;
    private @Nullable UdpEndpoint endpoint;

    Port(RefusedQuestions refused) {
      this.refused = refused;
    }

    @Override
    public void datagram(ByteBuf data, InetSocketAddress local, InetSocketAddress remote) {
      try {
        UdpEndpoint from = endpoint;
        if (!NtpAnswer.isQuestion(data)) {
          refused.count(ForwardDrop.BAD_QUESTION, remote, local);
        } else if (!limit.take(nanoTime.getAsLong())) {
          refused.count(ForwardDrop.TOO_MANY_QUESTIONS, remote, local);
        } else if (from != null) {
          ByteBuf answer = NtpAnswer.to(data, clock.now(), clock.isPlausible());
          from.send(answer, local.getAddress(), remote);
        }
      } finally {
        data.release();
      }
    }
  }
}
