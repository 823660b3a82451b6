package dev.tailbridge.bridge.service;

import static io.netty.channel.ChannelFutureListener.CLOSE_ON_FAILURE;

import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.TokenBucket;
import dev.tailbridge.bridge.forward.host.RefusedQuestions;
import dev.tailbridge.bridge.forward.host.TunnelService;
import dev.tailbridge.netstack.Connection;
import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.channel.TcpChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The name server of one device, at port 53 of the bridge's tunnel address, by UDP and TCP. What it
 * holds is bounded: questions without an answer, and connections.
 */
public final class DnsService implements TunnelService {

  static final int PORT = 53;

  /** A chip asks for one name at a time, a machine behind the same WireGuard for some. */
  private static final int MAX_PENDING = 32;

  private static final int MAX_CONNECTIONS = 4;
  private static final int PER_SECOND = 50;
  private static final int BURST = 100;

  private final NameSource names;
  private final LongSupplier nanoTime;
  private final TokenBucket limit = new TokenBucket(PER_SECOND, BURST);
  private int pending;
  private int connections;
  private boolean stopped;

  /**
   * @param node the device's; null for a device without a tailnet
   * @param host for ordinary names; null where those are not for this device
   */
  public DnsService(
      @Nullable DnsNode node, @Nullable HostNames host, EventLoop loop, LongSupplier nanoTime) {
    this(new Names(node == null ? null : new TailnetNames(node, loop), host), nanoTime);
  }

  DnsService(NameSource names, LongSupplier nanoTime) {
    this.names = names;
    this.nanoTime = nanoTime;
  }

  @Override
  public Set<Integer> tcpPorts() {
    return Set.of(PORT);
  }

  @Override
  public Set<Integer> udpPorts() {
    return Set.of(PORT);
  }

  @Override
  public void start(Stack stack, RefusedQuestions refused) {
    QuestionPort.open(
        stack,
        PORT,
        (question, reply) ->
            answer(question, (query, answer) -> reply.accept(DnsReply.datagram(query, answer))),
        refused);
    stack.listen(PORT, caller -> called(stack, caller, refused));
  }

  @Override
  public void stop() {
    stopped = true;
  }

  /**
   * Finds an answer, later.
   *
   * @return why there will be none; null if one comes
   */
  @Nullable ForwardDrop answer(ByteBuf message, Answering answering) {
    DnsQuery query = DnsQuery.read(message);
    if (query == null) {
      return ForwardDrop.BAD_QUESTION;
    }
    if (pending >= MAX_PENDING || !limit.take(nanoTime.getAsLong())) {
      return ForwardDrop.TOO_MANY_QUESTIONS;
    }
    if (query.fault() != null || query.question() == null) {
      answering.answer(
          query, query.fault() == null ? NameAnswer.FAILED : NameAnswer.of(query.fault()));
      return null;
    }
    pending++;
    Consumer<NameAnswer> found =
        answer -> {
          pending--;
          if (!stopped) {
            answering.answer(query, answer);
          }
        };
    names.ask(query.question(), found);
    return null;
  }

  /** Takes an answer that has been found. */
  interface Answering {
    void answer(DnsQuery query, NameAnswer answer);
  }

  private void called(Stack stack, PendingConnection caller, RefusedQuestions refused) {
    if (connections >= MAX_CONNECTIONS) {
      refused.count(ForwardDrop.TOO_MANY_QUESTIONS, caller.remote(), caller.local());
      caller.refuse();
      return;
    }
    InetSocketAddress asker = caller.remote();
    InetSocketAddress asked = caller.local();
    Connection connection = caller.accept();
    if (connection == null) {
      return;
    }
    connections++;
    TcpChannel channel = new TcpChannel(null, stack, connection);
    channel.pipeline().addLast(new DnsStream(this, reason -> refused.count(reason, asker, asked)));
    channel.closeFuture().addListener(closed -> connections--);
    stack.eventLoop().register(channel).addListener(CLOSE_ON_FAILURE);
  }
}
