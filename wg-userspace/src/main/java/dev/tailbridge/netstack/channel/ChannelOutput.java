package dev.tailbridge.netstack.channel;

import dev.tailbridge.netstack.Connection;
import dev.tailbridge.netstack.tcp.Tcb;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * Moves what handlers wrote into the send buffer as far as there is room, and puts the end behind
 * it.
 */
final class ChannelOutput {

  private final TcpChannel channel;
  private @Nullable ChannelPromise shuttingDown;
  private volatile boolean shutdown;

  ChannelOutput(TcpChannel channel) {
    this.channel = channel;
  }

  boolean isShutdown() {
    return shutdown;
  }

  /** What is written behind the end cannot be sent. */
  void refuseAfterShutdown() throws ChannelOutputShutdownException {
    if (shutdown) {
      throw new ChannelOutputShutdownException("the output was shut down");
    }
  }

  void write(ChannelOutboundBuffer in, Connection to) {
    if (shutdown) {
      failAll(in);
      return;
    }
    Object message;
    while ((message = in.current()) != null) {
      ByteBuf bytes = (ByteBuf) message;
      in.progress(move(bytes, to.tcb()));
      if (bytes.isReadable()) {
        break;
      }
      in.remove();
    }
    to.transmit();
    if (in.isEmpty() && shuttingDown != null) {
      // Not in the middle of a flush, which still holds the buffer that this takes away.
      channel.eventLoop().execute(this::finish);
    }
  }

  /** These were written before the end and flushed behind it. */
  private static void failAll(ChannelOutboundBuffer in) {
    while (in.current() != null) {
      in.remove(new ChannelOutputShutdownException("flushed after the output was shut down"));
    }
  }

  private static int move(ByteBuf bytes, Tcb tcb) {
    if (bytes.hasArray()) {
      int at = bytes.arrayOffset() + bytes.readerIndex();
      int taken = tcb.write(bytes.array(), at, bytes.readableBytes());
      bytes.skipBytes(taken);
      return taken;
    }
    byte[] copy = CopyArray.ofThisThread();
    int moved = 0;
    while (bytes.isReadable() && tcb.writable() > 0) {
      int length = Math.min(Math.min(bytes.readableBytes(), copy.length), tcb.writable());
      bytes.readBytes(copy, 0, length);
      moved += tcb.write(copy, 0, length);
    }
    return moved;
  }

  /** Ends the output once everything that was flushed has gone into the send buffer. */
  void shutdown(ChannelPromise promise) {
    ChannelPromise earlier = shuttingDown;
    if (earlier != null) {
      earlier.addListener(done -> promise.trySuccess());
      return;
    }
    shuttingDown = promise;
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    if (waiting == null || waiting.isEmpty()) {
      finish();
    }
  }

  private void finish() {
    ChannelPromise promise = shuttingDown;
    shuttingDown = null;
    if (promise != null) {
      end(promise);
    }
  }

  /**
   * Everything that was flushed is in the send buffer, and the end goes behind it. Netty's own way
   * makes an exception for each, with its stack trace, that nobody sees: that took 6 % of the time
   * of a short connection.
   */
  private void end(ChannelPromise promise) {
    if (!channel.isOpen()) {
      promise.tryFailure(new ClosedChannelException());
      return;
    }
    shutdown = true;
    Connection to = channel.connection();
    if (to != null) {
      to.tcb().shutdownOutput();
      to.transmit();
    }
    promise.trySuccess();
    channel.pipeline().fireUserEventTriggered(ChannelOutputShutdownEvent.INSTANCE);
  }

  void closed() {
    shutdown = true;
    ChannelPromise promise = shuttingDown;
    shuttingDown = null;
    if (promise != null) {
      promise.tryFailure(new ClosedChannelException());
    }
  }
}
