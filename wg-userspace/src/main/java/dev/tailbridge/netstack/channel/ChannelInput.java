package dev.tailbridge.netstack.channel;

import dev.tailbridge.netstack.Connection;
import dev.tailbridge.netstack.tcp.Tcb;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import org.jspecify.annotations.Nullable;

/**
 * Gives a channel's handlers what came in: only when they asked for it, at most 16 messages a turn,
 * and the end once, behind the last byte.
 */
final class ChannelInput {

  static final int MAX_MESSAGES = 16;
  private static final int MESSAGE_BYTES = 16 << 10;

  private final TcpChannel channel;
  private boolean readPending;
  private boolean delivering;
  private boolean ignored;
  private volatile boolean shutdown;

  ChannelInput(TcpChannel channel) {
    this.channel = channel;
  }

  boolean isShutdown() {
    return shutdown;
  }

  /** Handlers want more. They are given it in a turn of its own, not from inside of their call. */
  void request() {
    readPending = true;
    if (!delivering && hasNews()) {
      channel.eventLoop().execute(this::deliver);
    }
  }

  private boolean hasNews() {
    Connection from = channel.connection();
    return from != null && (from.tcb().readable() > 0 || from.tcb().endOfInput());
  }

  void deliver() {
    Connection from = channel.connection();
    if (ignored) {
      discard(from);
      return;
    }
    if (from == null || delivering || !readPending || !channel.isActive() || !hasNews()) {
      return;
    }
    readPending = false;
    delivering = true;
    boolean some = deliverMessages(from.tcb());
    delivering = false;
    if (some) {
      from.transmit();
      channel.pipeline().fireChannelReadComplete();
    }
    if (channel.isOpen() && !shutdown && from.tcb().endOfInput()) {
      end();
    } else if (readPending && hasNews()) {
      channel.eventLoop().execute(this::deliver);
    }
  }

  private boolean deliverMessages(Tcb tcb) {
    int messages = 0;
    while (channel.isOpen() && !shutdown && messages < MAX_MESSAGES && tcb.readable() > 0) {
      int length = Math.min(tcb.readable(), MESSAGE_BYTES);
      // On the heap: it goes into another connection's buffer as often as to a descriptor.
      ByteBuf message = channel.alloc().heapBuffer(length, length);
      int count = tcb.read(message.array(), message.arrayOffset(), length);
      channel.pipeline().fireChannelRead(message.writerIndex(count));
      messages++;
      if (!channel.config().isAutoRead()) {
        break;
      }
    }
    return messages > 0;
  }

  private void end() {
    shutdown = true;
    if (channel.options().allowsHalfClosure()) {
      channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    } else {
      channel.closeNow();
    }
  }

  /** From now on what comes in is acknowledged and thrown away. */
  void ignore() {
    shutdown = true;
    ignored = true;
    discard(channel.connection());
  }

  private void discard(@Nullable Connection from) {
    if (from == null || from.tcb().readable() == 0) {
      return;
    }
    byte[] nowhere = CopyArray.ofThisThread();
    while (from.tcb().readable() > 0) {
      from.tcb().read(nowhere, 0, nowhere.length);
    }
    from.transmit();
  }

  void closed() {
    readPending = false;
    shutdown = true;
  }
}
