package dev.tailbridge.bridge.gateway;

import static io.netty.channel.ChannelFutureListener.CLOSE_ON_FAILURE;

import dev.tailbridge.netstack.channel.TcpChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Two channels on one event loop, one in a tunnel and one on the ordinary network, that are one
 * connection from now on.
 *
 * <ul>
 *   <li>What the one does not take is not read from the other.
 *   <li>The end of input becomes the end of output, behind everything that came before it; the
 *       other direction goes on. When both ways have ended the channels close.
 *   <li>Whatever ends a channel otherwise, and silence for too long, resets the other.
 * </ul>
 *
 * <p>Either may still be on its way to become active. A socket is read to its end as soon as the
 * peer has shut it, whether or not anybody wants to read; so what comes early is kept, not lost.
 */
final class Relay {

  private final Traffic traffic;
  private final long idleNanos;
  private final Side caller;
  private final Side target;
  private Runnable whenOver = () -> {};
  private @Nullable ScheduledFuture<?> idleCheck;
  private long usedNanos = System.nanoTime();
  private int closed;

  /**
   * The channels may be registered already, on the event loop that all of this is called on, or are
   * to be afterwards.
   */
  Relay(DuplexChannel caller, DuplexChannel target, Traffic traffic, Duration idle) {
    this.traffic = traffic;
    this.idleNanos = idle.toNanos();
    this.caller = new Side(caller, target, /* towardsTarget= */ true);
    this.target = new Side(target, caller, /* towardsTarget= */ false);
  }

  /**
   * Joins them.
   *
   * @param over runs once, when both are closed
   */
  void start(Runnable over) {
    whenOver = over;
    traffic.joined();
    start(caller, target);
    start(target, caller);
  }

  private void start(Side side, Side other) {
    side.other = other;
    side.channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    side.channel.closeFuture().addListener(done -> sideClosed());
    side.channel.pipeline().addLast(side);
    if (side.channel.isRegistered()) {
      // Not before the other has its handler too.
      side.channel.eventLoop().execute(() -> side.channel.config().setAutoRead(true));
    }
  }

  /** On the event loop, once it has one; before that nothing can be idle. */
  private void watchIdle(Channel channel) {
    if (idleCheck == null) {
      idleCheck = channel.eventLoop().schedule(this::checkIdle, idleNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void checkIdle() {
    long left = idleNanos - (System.nanoTime() - usedNanos);
    if (left <= 0) {
      traffic.idled();
      abort();
    } else {
      idleCheck = caller.channel.eventLoop().schedule(this::checkIdle, left, TimeUnit.NANOSECONDS);
    }
  }

  private void sideClosed() {
    closed++;
    if (closed == 2) {
      if (idleCheck != null) {
        idleCheck.cancel(false);
      }
      whenOver.run();
    }
  }

  /** Resets both ends; on the event loop. */
  void abort() {
    reset(caller.channel);
    reset(target.channel);
  }

  /** Closes a channel so that its peer sees a reset, not an orderly end. */
  static void reset(DuplexChannel channel) {
    if (channel instanceof TcpChannel inTunnel) {
      if (inTunnel.isOpen()) {
        inTunnel.abort().addListener(CLOSE_ON_FAILURE);
      }
    } else if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      if (channel.isRegistered()) {
        channel.close().addListener(CLOSE_ON_FAILURE);
      } else {
        channel.unsafe().closeForcibly();
      }
    }
  }

  /** What happens at one of the two channels. */
  @SuppressWarnings("FutureReturnValueIgnored") // What fails closes a channel, and that is heard.
  private final class Side extends ChannelInboundHandlerAdapter {

    private final DuplexChannel channel;
    private final DuplexChannel to;
    private final boolean towardsTarget;
    private @Nullable Side other;
    private boolean ended;
    private boolean passedOn;

    Side(DuplexChannel channel, DuplexChannel to, boolean towardsTarget) {
      this.channel = channel;
      this.to = to;
      this.towardsTarget = towardsTarget;
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
      watchIdle(ctx.channel());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      if (ctx.channel().isRegistered()) {
        watchIdle(ctx.channel());
      }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.flush();
      Side opposite = other;
      if (opposite != null && opposite.ended) {
        opposite.passOnEnd();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      usedNanos = System.nanoTime();
      traffic.count(towardsTarget, ((ByteBuf) message).readableBytes());
      to.write(message, to.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      if (to.isActive()) {
        to.flush();
      }
      if (!to.isWritable()) {
        channel.config().setAutoRead(false);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (channel.isWritable()) {
        to.config().setAutoRead(true);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE && !ended) {
        ended = true;
        if (to.isActive()) {
          passOnEnd();
        }
      }
    }

    /** A socket would lose what waits to be written; so the end waits too. */
    private void passOnEnd() {
      to.writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(
              written -> {
                if (written.isSuccess()) {
                  to.shutdownOutput().addListener(done -> endPassedOn(done.isSuccess()));
                }
              });
    }

    private void endPassedOn(boolean success) {
      passedOn = success;
      if (success && channel.isOutputShutdown()) {
        channel.close();
        to.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      abort();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (!passedOn) {
        reset(to);
      }
    }
  }
}
