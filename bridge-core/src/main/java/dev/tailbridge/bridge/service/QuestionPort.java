package dev.tailbridge.bridge.service;

import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.host.RefusedQuestions;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A UDP port whose datagrams are questions, each answered by itself, now or later. */
final class QuestionPort implements UdpListener {

  /** Who knows answers. */
  interface Answerer {
    /**
     * Looks for one.
     *
     * @param question is only read, and only now
     * @param reply takes the answer, a buffer that becomes its own
     * @return why there will be none; null if one comes
     */
    @Nullable ForwardDrop answer(ByteBuf question, Consumer<ByteBuf> reply);
  }

  private final Answerer answerer;
  private final RefusedQuestions refused;
  private @Nullable UdpEndpoint endpoint;

  private QuestionPort(Answerer answerer, RefusedQuestions refused) {
    this.answerer = answerer;
    this.refused = refused;
  }

  static void open(Stack stack, int port, Answerer answerer, RefusedQuestions refused) {
    QuestionPort opened = new QuestionPort(answerer, refused);
    opened.endpoint = stack.bindUdp(port, opened);
  }

  @Override
  public void datagram(ByteBuf data, InetSocketAddress local, InetSocketAddress remote) {
    try {
      ForwardDrop refusal = answerer.answer(data, reply -> send(reply, local, remote));
      if (refusal != null) {
        refused.count(refusal, remote, local);
      }
    } finally {
      data.release();
    }
  }

  private void send(ByteBuf reply, InetSocketAddress from, InetSocketAddress to) {
    if (endpoint != null) {
      endpoint.send(reply, from.getAddress(), to);
    }
  }
}
