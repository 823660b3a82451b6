package dev.tailbridge.bridge.forward.splice;

import static io.netty.channel.ChannelFutureListener.CLOSE_ON_FAILURE;

import dev.tailbridge.netstack.Connection;
import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.netstack.tcp.Tcb;
import dev.tailbridge.netstack.tcp.TcpFailure;
import dev.tailbridge.netstack.tcp.TcpState;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call from its SYN on: whom it is for is called first, and the caller is answered what came of
 * that.
 *
 * <p>Channels exist as soon as both handshakes are done. What the called machine sends before waits
 * in its receive window.
 */
final class Splice {

  enum Phase {
    WAITING,
    DIALING,
    OPEN,
    ENDED
  }

  enum End {
    /** The called machine said no. */
    REFUSED,
    /** The called machine said nothing. */
    UNANSWERED,
    /** The caller went away before it was through. */
    ABANDONED,
    /** It was through, or was reset from here. */
    OVER
  }

  private final PendingConnection caller;
  private final Stack callers;
  private final Stack called;
  private final InetSocketAddress from;
  private final InetSocketAddress to;
  private final SpliceBook book;
  private final Consumer<Splice> whenEnded;
  private Phase phase = Phase.WAITING;
  private @Nullable Connection dialed;
  private @Nullable Connection accepted;
  private @Nullable TcpChannel there;
  private @Nullable TcpChannel here;

  /** When the step began that it is in; the book's. */
  long since;

  /**
   * @param callers where the caller is, {@code called} where {@code to} is
   * @param from what the called machine sees as the caller; its port is a wish
   */
  Splice(
      PendingConnection caller,
      Stack callers,
      Stack called,
      InetSocketAddress from,
      InetSocketAddress to,
      SpliceBook book,
      Consumer<Splice> whenEnded) {
    this.caller = caller;
    this.callers = callers;
    this.called = called;
    this.from = from;
    this.to = to;
    this.book = book;
    this.whenEnded = whenEnded;
    book.offered(this);
  }

  /** Calls; who waits for the answer sets the limit. */
  void dial() {
    phase = Phase.DIALING;
    book.dialed(this);
    try {
      dialed = called.connectPreferring(to, from, this::dialedChanged);
    } catch (IllegalStateException noPort) {
      unanswered();
    }
  }

  /** Resets both sides; a caller without an answer gets none. */
  void abort() {
    caller.ignore();
    end(End.OVER);
  }

  private void unanswered() {
    caller.ignore();
    end(End.UNANSWERED);
  }

  private void dialedChanged() {
    Connection toCalled = dialed;
    if (toCalled == null) {
      return;
    }
    Tcb tcb = toCalled.tcb();
    switch (tcb.state()) {
      case SYN_SENT, SYN_RECEIVED -> {}
      case CLOSED -> dialedClosed(tcb.failure());
      default -> {
        if (accepted == null) {
          accept();
        }
      }
    }
  }

  private void dialedClosed(@Nullable TcpFailure why) {
    if (accepted != null) {
      // Between the two handshakes.
      end(End.OVER);
    } else if (why == TcpFailure.REFUSED) {
      caller.refuse();
      end(End.REFUSED);
    } else {
      unanswered();
    }
  }

  private void accept() {
    Connection toCaller = caller.accept();
    if (toCaller == null) {
      end(End.ABANDONED);
      return;
    }
    accepted = toCaller;
    book.answered(this);
    toCaller.listener(this::acceptedChanged);
  }

  private void acceptedChanged() {
    Connection toCaller = accepted;
    Connection toCalled = dialed;
    if (toCaller == null || toCalled == null) {
      return;
    }
    TcpState state = toCaller.tcb().state();
    if (state == TcpState.CLOSED) {
      end(End.ABANDONED);
    } else if (state != TcpState.SYN_RECEIVED) {
      join(toCaller, toCalled);
    }
  }

  private void join(Connection toCaller, Connection toCalled) {
    phase = Phase.OPEN;
    book.through(this);
    TcpChannel one = channel(callers, toCaller);
    TcpChannel other = channel(called, toCalled);
    here = one;
    there = other;
    one.pipeline().addLast(new SpliceHandler(other));
    other.pipeline().addLast(new SpliceHandler(one));
    one.closeFuture().addListener(closed -> endWhenClosed());
    other.closeFuture().addListener(closed -> endWhenClosed());
    callers.eventLoop().register(one).addListener(CLOSE_ON_FAILURE);
    called.eventLoop().register(other).addListener(CLOSE_ON_FAILURE);
  }

  private static TcpChannel channel(Stack stack, Connection connection) {
    TcpChannel channel = new TcpChannel(null, stack, connection);
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    return channel;
  }

  private void endWhenClosed() {
    if (here != null && !here.isOpen() && there != null && !there.isOpen()) {
      end(End.OVER);
    }
  }

  /** Resets what is left of both sides; later ends do nothing. */
  void end(End how) {
    if (phase == Phase.ENDED) {
      return;
    }
    Phase before = phase;
    phase = Phase.ENDED;
    abort(dialed, there);
    abort(accepted, here);
    book.ended(this, before, how);
    whenEnded.accept(this);
  }

  private static void abort(@Nullable Connection connection, @Nullable TcpChannel channel) {
    if (channel != null) {
      if (channel.isOpen()) {
        channel.abort().addListener(CLOSE_ON_FAILURE);
      }
    } else if (connection != null) {
      connection.listener(null);
      connection.tcb().abort();
      connection.transmit();
    }
  }
}
