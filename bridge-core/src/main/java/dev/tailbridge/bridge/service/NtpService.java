package dev.tailbridge.bridge.service;

import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.TokenBucket;
import dev.tailbridge.bridge.forward.host.RefusedQuestions;
import dev.tailbridge.bridge.forward.host.TunnelService;
import dev.tailbridge.netstack.Stack;
import io.netty.buffer.ByteBuf;
import java.util.Set;
import java.util.function.Consumer;
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
    QuestionPort.open(stack, PORT, this::answer, refused);
  }

  @Override
  public void stop() {}

  private @Nullable ForwardDrop answer(ByteBuf question, Consumer<ByteBuf> reply) {
    if (!NtpAnswer.isQuestion(question)) {
      return ForwardDrop.BAD_QUESTION;
    }
    if (!limit.take(nanoTime.getAsLong())) {
      return ForwardDrop.TOO_MANY_QUESTIONS;
    }
    reply.accept(NtpAnswer.to(question, clock.now(), clock.isPlausible()));
    return null;
  }
}
