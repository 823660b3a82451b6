package dev.tailbridge.netstack;

import dev.tailbridge.netstack.tcp.InitialNumbers;
import dev.tailbridge.netstack.tcp.Segment;
import dev.tailbridge.netstack.tcp.Tcb;
import dev.tailbridge.netstack.tcp.TcpConfig;
import dev.tailbridge.netstack.tcp.TcpState;
import dev.tailbridge.wireguard.crypto.Blake2s;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A machine in the tunnel: TCP connections at some addresses over one {@link PacketLink}.
 *
 * <ul>
 *   <li>A segment belongs to its connection, else to a caller that waits for a decision, else to
 *       the listener of its port, else it is answered with a reset.
 *   <li>Everything happens on the link's event loop, where its methods must be called.
 *   <li>What a batch of packets brings about leaves as one batch.
 * </ul>
 */
public final class Stack implements PacketReceiver {

  /** Callers that wait for a decision. */
  private static final int MAX_PENDING = 1024;

  private static final long PENDING_NANOS = 10_000_000_000L;

  /** RFC 6056 3.2. */
  private static final int FIRST_EPHEMERAL_PORT = 32768;

  private static final int EPHEMERAL_PORTS = 65536 - FIRST_EPHEMERAL_PORT;

  private final PacketLink link;
  private final List<InetAddress> addresses;
  private final TcpConfig ipv4;
  private final TcpConfig ipv6;
  private final SecureRandom random;
  private final InitialNumbers numbers;
  private final SegmentPackets packets = new SegmentPackets();
  private final Segment incoming = new Segment();
  private final Map<FourTuple, Connection> connections = new HashMap<>();
  private final Map<FourTuple, PendingConnection> pending = new HashMap<>();
  private final Map<Integer, Consumer<PendingConnection>> listeners = new HashMap<>();
  private final ArrayDeque<Connection> touched = new ArrayDeque<>();
  private final long originNanos = System.nanoTime();
  private boolean inBatch;

  /**
   * A stack with the settings for microcontrollers at the link's MTU. It becomes the link's
   * receiver with {@link #start}.
   *
   * @param addresses ours; the first of a family is the source of calls
   */
  public Stack(PacketLink link, List<InetAddress> addresses) {
    this(
        link,
        addresses,
        TcpConfig.device(link.mtu(), /* ipv6= */ false).toBuilder().nagle(false).build(),
        TcpConfig.device(link.mtu(), /* ipv6= */ true).toBuilder().nagle(false).build(),
        new SecureRandom());
  }

  /** A stack with these settings for IPv4 and IPv6. */
  public Stack(
      PacketLink link,
      List<InetAddress> addresses,
      TcpConfig ipv4,
      TcpConfig ipv6,
      SecureRandom random) {
    this.link = link;
    this.addresses = List.copyOf(addresses);
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
    this.random = random;
    byte[] key = new byte[32];
    random.nextBytes(key);
    this.numbers =
        new InitialNumbers(
            tuple -> ByteBuffer.wrap(Blake2s.mac(key, tuple, 0, tuple.length)).getLong());
  }

  /** Takes the link's packets from now on. */
  public Stack start() {
    link.receiver(this);
    return this;
  }

  public EventLoop eventLoop() {
    return link.eventLoop();
  }

  /** Our addresses. */
  public List<InetAddress> addresses() {
    return addresses;
  }

  /** How many connections there are, those in TIME-WAIT among them. */
  public int connectionCount() {
    return connections.size();
  }

  /**
   * Offers callers of a port.
   *
   * @throws IllegalStateException when somebody listens there
   */
  public void listen(int port, Consumer<PendingConnection> listener) {
    if (listeners.putIfAbsent(port, listener) != null) {
      throw new IllegalStateException("port " + port + " of the tunnel is taken");
    }
  }

  /** Ends the listening; connections stay. */
  public void unlisten(int port) {
    listeners.remove(port);
  }

  /**
   * Calls a peer; the listener hears when it answers.
   *
   * @param local null, or port 0, for a free one
   * @throws IllegalStateException when we have no address of this family, or no free port
   */
  public Connection connect(
      InetSocketAddress remote, @Nullable InetSocketAddress local, ConnectionListener listener) {
    FourTuple tuple = free(remote, local);
    long now = nowNanos();
    byte[] bytes = tuple.bytes();
    Tcb tcb =
        Tcb.connect(
            config(tuple), numbers.sequence(bytes, now), numbers.timestampOffset(bytes), now);
    Connection connection = add(tuple, tcb);
    connection.listener(listener);
    connection.transmit();
    return connection;
  }

  private FourTuple free(InetSocketAddress remote, @Nullable InetSocketAddress local) {
    boolean wanted4 = remote.getAddress() instanceof Inet4Address;
    InetAddress from =
        local != null && !local.getAddress().isAnyLocalAddress()
            ? local.getAddress()
            : addresses.stream()
                .filter(address -> address instanceof Inet4Address == wanted4)
                .findFirst()
                .orElseThrow(
                    () -> new IllegalStateException("no address of ours can call " + remote));
    if (local != null && local.getPort() != 0) {
      FourTuple tuple = new FourTuple(new InetSocketAddress(from, local.getPort()), remote);
      if (connections.containsKey(tuple)) {
        throw new IllegalStateException("there is a connection from " + local + " to " + remote);
      }
      return tuple;
    }
    int first = random.nextInt(EPHEMERAL_PORTS);
    for (int i = 0; i < EPHEMERAL_PORTS; i++) {
      int port = FIRST_EPHEMERAL_PORT + (first + i) % EPHEMERAL_PORTS;
      FourTuple tuple = new FourTuple(new InetSocketAddress(from, port), remote);
      if (!connections.containsKey(tuple)) {
        return tuple;
      }
    }
    throw new IllegalStateException("no free port to call " + remote);
  }

  @Override
  public void packet(ByteBuf packet) {
    inBatch = true;
    try {
      FourTuple tuple = packets.read(packet, incoming);
      if (tuple != null && addresses.contains(tuple.local().getAddress())) {
        arrived(tuple, incoming);
      }
    } finally {
      packet.release();
    }
  }

  private void arrived(FourTuple tuple, Segment segment) {
    Connection connection = connections.get(tuple);
    if (connection != null && connection.tcb().mayBeReplacedBy(segment)) {
      // RFC 9293 3.6.1, RFC 6191: a new call need not wait for the end of TIME-WAIT.
      remove(connection);
      connection = null;
    }
    if (connection != null) {
      connection.arrived(segment);
      return;
    }
    PendingConnection waiting = pending.get(tuple);
    if (waiting != null) {
      if (segment.isOpening() && waiting.isRepeatedBy(segment.copyOfHeader())) {
        return;
      }
      if (segment.isOpening() || waiting.isResetBy(segment)) {
        waiting.cancel();
      }
      if (!segment.isOpening()) {
        return;
      }
    }
    Consumer<PendingConnection> listener = listeners.get(tuple.local().getPort());
    if (listener != null && segment.isOpening()) {
      offer(listener, tuple, segment.copyOfHeader());
    } else {
      reset(segment, tuple);
    }
  }

  private void offer(Consumer<PendingConnection> listener, FourTuple tuple, Segment syn) {
    if (pending.size() >= MAX_PENDING) {
      // The caller will call again.
      return;
    }
    PendingConnection offered = new PendingConnection(this, tuple, syn);
    pending.put(tuple, offered);
    offered.expireBy(eventLoop().schedule(offered::cancel, PENDING_NANOS, TimeUnit.NANOSECONDS));
    listener.accept(offered);
  }

  @Override
  public void batchComplete() {
    inBatch = false;
    settle();
  }

  /** Marks a connection as changed: it is worked on at the end of the batch, or now. */
  void touch(Connection connection) {
    if (connection.touch()) {
      touched.add(connection);
      if (!inBatch) {
        // Behind what its caller still has to do: a burst of calls leaves together.
        inBatch = true;
        eventLoop().execute(this::batchComplete);
      }
    }
  }

  private void settle() {
    Connection connection;
    while ((connection = touched.poll()) != null) {
      connection.settle();
      if (connection.tcb().state() == TcpState.CLOSED) {
        remove(connection);
      }
    }
    link.flush();
  }

  Connection accept(FourTuple tuple, Segment syn) {
    long now = nowNanos();
    byte[] bytes = tuple.bytes();
    Tcb tcb =
        Tcb.accept(
            config(tuple), syn, numbers.sequence(bytes, now), numbers.timestampOffset(bytes), now);
    Connection connection = add(tuple, tcb);
    connection.transmit();
    return connection;
  }

  private Connection add(FourTuple tuple, Tcb tcb) {
    Connection connection = new Connection(this, tuple, tcb);
    connections.put(tuple, connection);
    return connection;
  }

  private void remove(Connection connection) {
    connection.cancelAlarm();
    connections.remove(connection.tuple(), connection);
  }

  void forget(PendingConnection decided) {
    pending.remove(decided.tuple(), decided);
  }

  void reset(Segment about, FourTuple tuple) {
    Segment reset = Segment.resetAnswering(about);
    if (reset != null) {
      send(reset, tuple);
      if (!inBatch) {
        link.flush();
      }
    }
  }

  void send(Segment segment, FourTuple tuple) {
    link.write(packets.write(segment, tuple, PooledByteBufAllocator.DEFAULT));
  }

  private TcpConfig config(FourTuple tuple) {
    return tuple.local().getAddress() instanceof Inet4Address ? ipv4 : ipv6;
  }

  long nowNanos() {
    return System.nanoTime() - originNanos;
  }
}
