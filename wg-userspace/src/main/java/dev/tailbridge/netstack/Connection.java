package dev.tailbridge.netstack;

import dev.tailbridge.netstack.tcp.Segment;
import dev.tailbridge.netstack.tcp.SegmentSink;
import dev.tailbridge.netstack.tcp.Tcb;
import dev.tailbridge.netstack.tcp.TcpFailure;
import dev.tailbridge.netstack.tcp.TcpState;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One TCP connection of a {@link Stack}; used on the stack's event loop only. */
public final class Connection {

  private final Stack stack;
  private final ConnectionTable table;
  private final FourTuple tuple;
  private final Tcb tcb;
  private final SegmentSink sink = new Output();
  private @Nullable ConnectionListener listener;
  private @Nullable ScheduledFuture<?> alarm;
  private long alarmNanos = Tcb.NEVER;
  private boolean touched;
  private boolean awaitsLink;
  private boolean timeWaited;
  private boolean swept = true;
  private long usedAt;
  private int accounted;
  private boolean removed;

  Connection(Stack stack, ConnectionTable table, FourTuple tuple, Tcb tcb) {
    this.stack = stack;
    this.table = table;
    this.tuple = tuple;
    this.tcb = tcb;
  }

  public InetSocketAddress local() {
    return tuple.local();
  }

  public InetSocketAddress remote() {
    return tuple.remote();
  }

  /** The protocol's side of it: read, write, shut down. {@link #transmit} afterwards. */
  public Tcb tcb() {
    return tcb;
  }

  /** Sets who is told; null for nobody. */
  public void listener(@Nullable ConnectionListener to) {
    listener = to;
  }

  /** Nobody reads any more; see {@link Tcb#close}. */
  public void close() {
    tcb.close(stack.nowNanos());
    transmit();
  }

  /** Sends what there is to send: now, or at the end of the batch that is being worked on. */
  public void transmit() {
    table.touch(this);
  }

  FourTuple tuple() {
    return tuple;
  }

  /** Whether this call is the first since {@link #settle}. */
  boolean touch() {
    boolean first = !touched;
    touched = true;
    return first;
  }

  void arrived(Segment segment) {
    tcb.scarce(table.memory.isScarce());
    tcb.onSegment(stack.nowNanos(), segment);
    table.touch(this);
  }

  /** Tells the listener, sends, and sets the alarm. */
  void settle() {
    if (removed) {
      return;
    }
    ConnectionListener to = listener;
    if (to != null) {
      // What the listener writes goes now: it need not be told of its own doing.
      to.changed();
    }
    touched = false;
    long now = stack.nowNanos();
    tcb.pollTransmit(now, sink);
    if (tcb.state() == TcpState.TIME_WAIT && !timeWaited) {
      timeWaited = true;
      table.timeWaitBegan(this);
    }
    setAlarm(now);
    account();
    usedAt = now;
    if (swept) {
      swept = false;
      table.sweepLater(this);
    }
  }

  /** The link takes more: {@link #settle} comes. */
  void linkWritable() {
    awaitsLink = false;
    transmit();
  }

  /** Whether it was last used before that time; it gives back memory then. */
  boolean rests(long since) {
    if (removed) {
      return true;
    }
    swept = usedAt <= since;
    if (swept) {
      tcb.trim(stack.nowNanos());
    }
    tcb.scarce(table.memory.isScarce());
    account();
    return swept;
  }

  private void account() {
    int memory = tcb.memory();
    if (memory != accounted) {
      table.memory.change(memory - accounted);
      accounted = memory;
    }
  }

  boolean isRemoved() {
    return removed;
  }

  /** It is over: nothing of it is held any more. */
  void removed() {
    removed = true;
    cancelAlarm();
    table.memory.change(-accounted);
  }

  /**
   * Whether the peer may still know of this connection, that is over here: not if it said that it
   * does not, and not if the waiting of RFC 9293 3.6.1 was done on this side.
   */
  boolean peerMayRemember() {
    TcpFailure failure = tcb.failure();
    return failure != TcpFailure.REFUSED && failure != TcpFailure.RESET && !timeWaited;
  }

  private void setAlarm(long now) {
    long deadline = tcb.nextDeadline();
    // As with WireGuard's timers: a later deadline leaves the task where it is.
    if (deadline >= alarmNanos) {
      return;
    }
    cancelAlarm();
    alarmNanos = deadline;
    alarm =
        stack.eventLoop().schedule(this::wake, Math.max(0, deadline - now), TimeUnit.NANOSECONDS);
  }

  private void wake() {
    alarm = null;
    alarmNanos = Tcb.NEVER;
    tcb.onTimer(stack.nowNanos());
    transmit();
  }

  void cancelAlarm() {
    if (alarm != null) {
      alarm.cancel(false);
      alarm = null;
    }
    alarmNanos = Tcb.NEVER;
  }

  private final class Output implements SegmentSink {

    @Override
    public void segment(Segment segment) {
      stack.send(segment, tuple);
    }

    @Override
    public boolean hasRoom() {
      boolean room = stack.linkIsWritable();
      if (!room && !awaitsLink) {
        awaitsLink = true;
        table.awaitLink(Connection.this);
      }
      return room;
    }
  }

  @Override
  public String toString() {
    return "Connection[" + tuple + " " + tcb.state() + "]";
  }
}
