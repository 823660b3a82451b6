package dev.tailbridge.netstack;

import dev.tailbridge.netstack.tcp.Segment;
import dev.tailbridge.netstack.tcp.Tcb;
import dev.tailbridge.netstack.tcp.TcpConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A machine in the tunnel: TCP connections at some addresses over one {@link PacketLink}. Without
 * addresses it stands for every machine that the other end of the link calls.
 *
 * <ul>
 *   <li>A segment belongs to its connection, else to a caller that waits for a decision, else to
 *       the listener of its port, else to the listener of all ports, else it is answered with a
 *       reset.
 *   <li>Everything happens on the link's event loop, where its methods must be called.
 *   <li>What a batch of packets brings about leaves as one batch.
 * </ul>
 */
public final class Stack implements PacketReceiver {

  private final PacketLink link;
  private final List<InetAddress> addresses;
  private final OwnAddresses own;
  private final StackConfig config;
  private final UdpEndpoints udp = new UdpEndpoints(this);
  private final IpInput input = new IpInput(this, udp);
  private final ConnectionTable connections;
  private final PendingConnections pending;
  private final Listeners listeners = new Listeners();
  private @Nullable BiPredicate<InetSocketAddress, InetSocketAddress> answersStrays;
  private boolean inBatch;
  private long unreadable;
  private boolean closed;

  /**
   * A stack with the settings for microcontrollers at the link's MTU. It becomes the link's
   * receiver with {@link #start}.
   *
   * @param addresses ours; the first of a family is the source of calls
   */
  public Stack(PacketLink link, List<InetAddress> addresses) {
    this(link, addresses, StackConfig.device(link.mtu()));
  }

  /**
   * A stack with these settings.
   *
   * @param addresses ours; none for a stack that stands for any address, where a call must say
   *     which one it comes from
   */
  public Stack(PacketLink link, List<InetAddress> addresses, StackConfig config) {
    this.link = link;
    this.addresses = List.copyOf(addresses);
    this.own = new OwnAddresses(addresses);
    this.config = config;
    this.connections = new ConnectionTable(this, config);
    this.pending = new PendingConnections(this, config.maxPending, config.maxPendingPerSource);
  }

  /** Takes the link's packets from now on. */
  public Stack start() {
    link.receiver(this);
    return this;
  }

  public EventLoop eventLoop() {
    return link.eventLoop();
  }

  /** Our addresses; none when it stands for any. */
  public List<InetAddress> addresses() {
    return addresses;
  }

  /** How many connections there are, those in TIME-WAIT among them. */
  public int connectionCount() {
    return connections.size();
  }

  /** Whether there is a connection with these ends; cheap enough to be asked for each segment. */
  public boolean hasConnection(
      InetAddress local, int localPort, InetAddress remote, int remotePort) {
    return connections.get(FourTuple.of(local, localPort, remote, remotePort)) != null;
  }

  /** How many segments were dropped since their checksum is wrong, or they are none. */
  public long unreadableSegments() {
    return unreadable;
  }

  /** Memory that the buffers of its connections take. */
  public MemoryBudget memory() {
    return connections.memory;
  }

  /** How many callers wait for a decision. */
  public int pendingCount() {
    return pending.size();
  }

  /**
   * Offers callers of a port.
   *
   * @throws IllegalStateException when somebody listens there
   */
  public void listen(int port, Consumer<PendingConnection> listener) {
    listeners.add(port, listener);
  }

  /** Ends the listening; connections stay. */
  public void unlisten(int port) {
    listeners.remove(port);
  }

  /**
   * Offers callers of every port that nobody listens at by itself.
   *
   * @throws IllegalStateException when somebody does so already
   */
  public void listenAll(Consumer<PendingConnection> listener) {
    listeners.addForAll(listener);
  }

  /**
   * Decides who hears by a reset that there is no such connection; without this, everybody.
   *
   * @param answers asked with the sender and with whom it means
   */
  public void answerStrays(BiPredicate<InetSocketAddress, InetSocketAddress> answers) {
    answersStrays = answers;
  }

  /**
   * Takes a UDP port.
   *
   * @param port 0 for a free one
   * @throws IllegalStateException when it is taken
   */
  public UdpEndpoint bindUdp(int port, UdpListener listener) {
    return udp.bind(port, listener);
  }

  /**
   * Calls a peer; the listener hears when it answers.
   *
   * @param local null, or port 0, for a free one
   * @throws IllegalStateException when we have no address of this family, or no free port
   */
  public Connection connect(
      InetSocketAddress remote, @Nullable InetSocketAddress local, ConnectionListener listener) {
    FourTuple tuple = own.tuple(remote, local);
    if (tuple.localPort() != 0 && !connections.ports.isFree(tuple, nowNanos())) {
      throw new IllegalStateException(
          "there is, or just was, a connection from " + local + " to " + remote);
    }
    return open(tuple, listener);
  }

  /**
   * Calls a peer from a port if it is free, else from another one.
   *
   * @param local the address, and the port that would be best
   * @throws IllegalStateException when no port is free; the message says why
   */
  public Connection connectPreferring(
      InetSocketAddress remote, InetSocketAddress local, ConnectionListener listener) {
    FourTuple tuple = own.tuple(remote, local);
    return open(
        connections.ports.isFree(tuple, nowNanos()) ? tuple : tuple.withLocalPort(0), listener);
  }

  private Connection open(FourTuple wanted, ConnectionListener listener) {
    if (closed) {
      throw new IllegalStateException("the stack is closed");
    }
    if (connections.memory.isScarce()) {
      throw new IllegalStateException("memory for connections is used up");
    }
    long now = nowNanos();
    FourTuple tuple = wanted.localPort() == 0 ? connections.ports.choose(wanted, now) : wanted;
    byte[] bytes = tuple.bytes();
    int offset = config.numbers.timestampOffset(bytes);
    Tcb tcb = Tcb.connect(tcpConfig(tuple), config.numbers.sequence(bytes, now), offset, now);
    Connection connection = connections.add(tuple, tcb);
    connection.listener(listener);
    connection.transmit();
    return connection;
  }

  /**
   * The link has a new session with its peer, which may have lost the old one, or have restarted:
   * what timed out goes again at once, and every connection is asked for a sign of life.
   */
  public void sessionBegan() {
    connections.sessionBegan();
  }

  @Override
  public void packet(ByteBuf packet) {
    if (closed) {
      packet.release();
      return;
    }
    inBatch = true;
    input.arrived(packet);
  }

  /** A packet was TCP by its header and is none that can be believed. */
  void countUnreadable() {
    unreadable++;
  }

  boolean standsForAny() {
    return own.standForAny();
  }

  boolean isOurs(long high, long low) {
    return own.contain(high, low);
  }

  void arrived(FourTuple tuple, Segment segment) {
    Connection connection = connections.get(tuple);
    if (connection != null && connection.tcb().mayBeReplacedBy(segment)) {
      // RFC 9293 3.6.1, RFC 6191: a new call need not wait for the end of TIME-WAIT.
      connections.remove(connection);
      connection = null;
    }
    if (connection != null) {
      connection.arrived(segment);
      return;
    }
    if (pending.take(tuple, segment)) {
      return;
    }
    Consumer<PendingConnection> listener = listeners.at(tuple.localPort());
    if (listener != null && segment.isOpening()) {
      if (!connections.memory.isScarce()) {
        pending.offer(listener, tuple, segment);
      }
    } else if (answersStrays == null || answersStrays.test(tuple.remote(), tuple.local())) {
      reset(segment, tuple);
    }
  }

  /**
   * The network says something about a segment of ours.
   *
   * @param largest what a segment may carry that was too big; 0 when nothing gets there
   */
  void networkError(FourTuple tuple, int quoted, boolean hard, int largest) {
    Connection connection = connections.get(tuple);
    if (connection == null) {
      return;
    }
    if (largest > 0) {
      connection.tcb().tooBig(nowNanos(), quoted, largest);
    } else {
      connection.tcb().unreachable(quoted, hard);
    }
    connections.touch(connection);
  }

  /**
   * A batch begins elsewhere that will bring something about here: nothing leaves before {@link
   * #batchComplete}, which the caller owes.
   */
  public void batchBegins() {
    inBatch = true;
  }

  @Override
  public void writabilityChanged() {
    if (link.isWritable()) {
      connections.linkWritable();
    }
  }

  @Override
  public void batchComplete() {
    // Until the end of this everything that is sent leaves with its flush.
    inBatch = true;
    try {
      udp.batchComplete();
      connections.settle();
    } finally {
      inBatch = false;
      link.flush();
    }
  }

  /**
   * Resets all connections, forgets all callers, whose {@link PendingConnection#onCancelled} runs,
   * and takes no packet and opens no connection any more.
   */
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    listeners.clear();
    pending.cancelAll();
    connections.abort();
    udp.clear();
    input.clear();
    batchComplete();
  }

  /**
   * The link is known to carry nothing, as a WireGuard peer without a session: until {@link
   * #resume} no connection sends anything again, backs off or times out. New data and calls leave
   * all the same: they make the link ask for a session.
   */
  public void pause() {
    connections.pause();
  }

  /** The link carries again: everything that was on its way is sent again, in one burst. */
  public void resume() {
    connections.resume();
  }

  Connection accept(FourTuple tuple, Segment syn) {
    long now = nowNanos();
    byte[] bytes = tuple.bytes();
    int offset = config.numbers.timestampOffset(bytes);
    Tcb tcb = Tcb.accept(tcpConfig(tuple), syn, config.numbers.sequence(bytes, now), offset, now);
    Connection connection = connections.add(tuple, tcb);
    connection.transmit();
    return connection;
  }

  void forget(PendingConnection decided) {
    pending.forget(decided);
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
    link.write(SegmentPackets.write(segment, tuple, PooledByteBufAllocator.DEFAULT));
  }

  boolean linkIsWritable() {
    return link.isWritable();
  }

  /** Sends a packet with the batch that is being worked on, or behind what its maker has to do. */
  void sendSoon(ByteBuf packet) {
    link.write(packet);
    settleSoon();
  }

  void settleSoon() {
    if (!inBatch) {
      inBatch = true;
      eventLoop().execute(this::batchComplete);
    }
  }

  int mtu() {
    return link.mtu();
  }

  UdpEndpoints udp() {
    return udp;
  }

  private TcpConfig tcpConfig(FourTuple tuple) {
    return tuple.isIpv4() ? config.ipv4 : config.ipv6;
  }

  long nowNanos() {
    return config.clock.getAsLong() - config.originNanos;
  }
}
