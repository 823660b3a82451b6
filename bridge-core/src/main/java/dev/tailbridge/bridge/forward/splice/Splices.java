package dev.tailbridge.bridge.forward.splice;

import dev.tailbridge.bridge.forward.CallerPolicy;
import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.PortPolicy.PortMap;
import dev.tailbridge.bridge.forward.RefusedCalls;
import dev.tailbridge.bridge.forward.TcpPath;
import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.channel.TcpChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The TCP of one device. On each side is a stack that stands for whole machines: to the tailnet it
 * is the device, to the device it is the bridge or, when the device shall see them, its callers.
 *
 * <ul>
 *   <li>Callers from the tailnet are passed on to the port of the device that theirs leads to, as
 *       many at a time as it can have; further ones wait. A port that leads nowhere is silent.
 *   <li>The device's own calls go out with the address of its node.
 *   <li>Everything is on the device's event loop, and what a batch of packets brings about leaves
 *       with {@link #batchComplete}.
 * </ul>
 */
public final class Splices implements TcpPath {

  private final SpliceSettings settings;
  private final RefusedCalls refused;
  private final LongSupplier nanoTime;
  private final Stack tailnetSide;
  private final Stack deviceSide;
  private final SpliceBook book;
  private final Slots slots;
  private @Nullable Inet4Address node;
  private @Nullable CallerPolicy callers;

  /** Which side the packets of this batch came from. */
  private boolean deviceSpoke;

  /**
   * Two links on one event loop, over which packets leave.
   *
   * @param refused is told of callers that are not let in
   */
  public Splices(
      SpliceSettings settings,
      StackLink device,
      StackLink tailnet,
      RefusedCalls refused,
      LongSupplier nanoTime) {
    this.settings = settings;
    this.refused = refused;
    this.nanoTime = nanoTime;
    this.slots = new Slots(settings.maxConnections());
    this.book = new SpliceBook(nanoTime);
    this.tailnetSide = new Stack(tailnet, List.of(), settings.tailnetStacks());
    this.deviceSide = new Stack(device, List.of(), settings.deviceStacks());
    tailnetSide.listenAll(this::calledFromTailnet);
    tailnetSide.answerStrays(this::mayHear);
    deviceSide.listenAll(this::calledFromDevice);
  }

  /** Lets in only those callers whom the policy does, from now on. */
  public void judgeCallers(CallerPolicy policy) {
    callers = policy;
  }

  /** Whose connections with the device are; from the bridge's own address others may call it. */
  public Stack deviceSide() {
    return deviceSide;
  }

  @Override
  public void fromNode(ByteBuf packet) {
    deviceSpoke = false;
    tailnetSide.packet(packet);
  }

  @Override
  public void fromDevice(ByteBuf packet) {
    deviceSpoke = true;
    deviceSide.packet(packet);
  }

  /** Sends what the packets since the last time brought about, on both links. */
  public void batchComplete() {
    Stack spoke = deviceSpoke ? deviceSide : tailnetSide;
    Stack hears = deviceSpoke ? tailnetSide : deviceSide;
    // What was read on one side leaves on the other one now, and not in a turn of its own.
    hears.batchBegins();
    spoke.batchComplete();
    hears.batchComplete();
  }

  /** The node takes more than it did before. */
  public void nodeWritable() {
    tailnetSide.writabilityChanged();
  }

  /** The node has joined the tailnet, or is back: what nobody acknowledged goes out again. */
  public void nodeReady() {
    tailnetSide.sessionBegan();
  }

  @Override
  public void nodeAddress(@Nullable Inet4Address address) {
    if (address == null) {
      return;
    }
    if (node != null && !node.equals(address)) {
      // The other sides know the device by its old one.
      book.abortAll();
    }
    node = address;
  }

  /**
   * Calls the device as the bridge itself, besides what its callers may have of connections.
   *
   * @param timeout for the call alone
   */
  public ChannelFuture call(int port, Duration timeout, ChannelHandler handler) {
    return new Bootstrap()
        .group(deviceSide.eventLoop())
        .channelFactory(() -> new TcpChannel(deviceSide))
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
        .handler(handler)
        .connect(
            new InetSocketAddress(settings.device(), port),
            new InetSocketAddress(settings.bridge(), 0));
  }

  /** The device can be reached again, or has restarted: it is asked about its connections. */
  public void sessionBegan() {
    deviceSide.sessionBegan();
  }

  /** Resets everything; nothing is taken any more. */
  public void close() {
    book.abortAll();
    tailnetSide.close();
    deviceSide.close();
  }

  /** Packets that were dropped since their checksum is wrong. */
  public long badChecksums() {
    return tailnetSide.unreadableSegments() + deviceSide.unreadableSegments();
  }

  public SpliceStats stats() {
    return book.stats();
  }

  private void calledFromTailnet(PendingConnection caller) {
    int port = settings.ports().devicePort(caller.local().getPort());
    if (port == PortMap.CLOSED) {
      refused.count(ForwardDrop.PORT_CLOSED, caller.remote(), caller.local());
      caller.ignore();
      return;
    }
    if (isTooMuch(caller) || !mayCall(caller)) {
      return;
    }
    InetSocketAddress remote = caller.remote();
    boolean shown = settings.showsCallers() && remote.getAddress() instanceof Inet4Address;
    InetSocketAddress from =
        shown ? remote : new InetSocketAddress(settings.bridge(), remote.getPort());
    InetSocketAddress to = new InetSocketAddress(settings.device(), port);
    Splice splice = new Splice(caller, tailnetSide, deviceSide, from, to, book, slots::leave);
    limit(splice, caller);
    slots.take(splice);
  }

  /** Whether a caller may call now; else it was let be, or waits and is offered again. */
  private boolean mayCall(PendingConnection caller) {
    if (callers == null) {
      return true;
    }
    InetAddress address = caller.remote().getAddress();
    CallerPolicy.Verdict verdict = callers.judge(address, nanoTime.getAsLong());
    if (verdict == CallerPolicy.Verdict.PENDING
        && callers.await(address, new WaitingCall(caller, this::calledFromTailnet))) {
      return false;
    }
    ForwardDrop drop = verdict.drop();
    if (drop != null) {
      refused.count(drop, caller.remote(), caller.local());
      caller.ignore();
    }
    return drop == null;
  }

  /**
   * Whether somebody in the tailnet may hear that there is no such connection. The tailnet's own
   * rules let all but SYNs through, so that would tell everybody that there is a machine.
   */
  private boolean mayHear(InetSocketAddress sender, InetSocketAddress called) {
    ForwardDrop drop =
        settings.ports().devicePort(called.getPort()) == PortMap.CLOSED
            ? ForwardDrop.PORT_CLOSED
            : callers == null
                ? null
                : callers.judge(sender.getAddress(), nanoTime.getAsLong()).drop();
    if (drop != null) {
      refused.count(drop, sender, called);
    }
    return drop == null;
  }

  private void calledFromDevice(PendingConnection caller) {
    if (caller.local().getAddress().equals(settings.bridge())) {
      caller.refuse(); // what is open there is no matter of this path
      return;
    }
    if (node == null) {
      caller.refuse();
      return;
    }
    if (isTooMuch(caller)) {
      return;
    }
    InetSocketAddress from = new InetSocketAddress(node, caller.remote().getPort());
    Splice splice =
        new Splice(caller, deviceSide, tailnetSide, from, caller.local(), book, ended -> {});
    limit(splice, caller);
    splice.dial();
  }

  private boolean isTooMuch(PendingConnection caller) {
    if (book.isFull()) {
      caller.ignore();
      return true;
    }
    return false;
  }

  /** A call ends when its caller gives up, and without an answer when its time is over. */
  private void limit(Splice splice, PendingConnection caller) {
    long until = nanoTime.getAsLong() + settings.hold().toNanos();
    caller.deadline(settings.hold());
    caller.onCancelled(
        () ->
            splice.end(
                nanoTime.getAsLong() - until >= 0 ? Splice.End.UNANSWERED : Splice.End.ABANDONED));
  }
}
