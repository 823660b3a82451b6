package dev.tailbridge.bridge.gateway;

import static io.netty.channel.ChannelFutureListener.CLOSE_ON_FAILURE;

import dev.tailbridge.netstack.Connection;
import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.channel.TcpChannel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Listens at a port of our address in tunnels, and passes callers on to a host on the ordinary
 * network.
 *
 * <p>The host is called first, and the caller hears what came of it: accepted, refused, or nothing
 * from a host that says nothing.
 */
public final class TcpEgress implements Rule {

  private final int port;
  private final String host;
  private final int hostPort;
  private final GatewayLimits limits;
  private final AddressLookup names;
  private final EventLoop loop;
  private final RuleLog log;
  private final Traffic traffic;
  private final Relays relays;
  private final Set<Tunnel> tunnels = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param rule what the log calls it
   * @param port in the tunnels
   * @param loop for what belongs to no tunnel
   */
  public TcpEgress(
      String rule,
      int port,
      String host,
      int hostPort,
      GatewayLimits limits,
      AddressLookup names,
      EventLoop loop) {
    this.loop = loop;
    this.port = port;
    this.host = host;
    this.hostPort = hostPort;
    this.limits = limits;
    this.names = names;
    this.log = new RuleLog(rule);
    this.traffic = new Traffic(limits.connections());
    this.relays = new Relays(limits, traffic);
  }

  @Override
  public void begin() {
    log.begins();
  }

  @Override
  public void tunnelBegan(Tunnel tunnel) {
    if (closed) {
      return;
    }
    tunnel.listen(port, caller -> called(tunnel, caller));
    tunnels.add(tunnel);
  }

  @Override
  public void tunnelEnds(Tunnel tunnel) {
    if (tunnels.remove(tunnel)) {
      tunnel.unlisten(port);
    }
  }

  @Override
  public CompletableFuture<?> probe(ChannelHandler handler, Duration timeout) {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    Future<DuplexChannel> dial = Dial.start(names, host, hostPort, timeout, loop);
    dial.addListener(
        (Future<DuplexChannel> dialed) -> {
          if (dialed.isSuccess()) {
            DuplexChannel channel = dialed.getNow();
            // The handler sees the address that answered, and none that did not.
            channel.pipeline().addLast(handler).fireChannelActive();
            channel.config().setAutoRead(true);
          }
        });
    Dial.tell(dial, answered);
    return answered;
  }

  @Override
  public long lastHandshakeEpochMillis() {
    return tunnels.stream().mapToLong(Tunnel::lastHandshakeEpochMillis).max().orElse(0);
  }

  @Override
  public Traffic.Snapshot traffic() {
    return traffic.snapshot();
  }

  private void called(Tunnel tunnel, PendingConnection caller) {
    if (!traffic.begin()) {
      log.full(caller.remote(), limits.connections());
      caller.refuse();
      return;
    }
    Future<DuplexChannel> dial =
        Dial.start(names, host, hostPort, limits.connect(), tunnel.eventLoop());
    // The dial ends first, with a reason for the log.
    caller.deadline(limits.connect().multipliedBy(2));
    caller.onCancelled(() -> dial.cancel(false));
    dial.addListener(
        (Future<DuplexChannel> dialed) -> {
          if (dialed.isSuccess()) {
            accept(tunnel, caller, dialed.getNow());
          } else {
            traffic.end();
            refuse(caller, dialed);
          }
        });
  }

  private void refuse(PendingConnection caller, Future<DuplexChannel> dialed) {
    if (dialed.isCancelled()) {
      return; // by the caller itself
    }
    traffic.failed();
    log.failed(caller.remote(), dialed.cause());
    if (dialed.cause() instanceof ConnectTimeoutException) {
      caller.ignore();
    } else {
      caller.refuse();
    }
  }

  private void accept(Tunnel tunnel, PendingConnection caller, DuplexChannel target) {
    Connection accepted = closed ? null : caller.accept();
    if (accepted == null) {
      Relay.reset(target);
      traffic.end();
      return;
    }
    TcpChannel channel = new TcpChannel(null, tunnel.own(), accepted);
    relays.join(channel, target, tunnel.eventLoop());
    tunnel.eventLoop().register(channel).addListener(CLOSE_ON_FAILURE);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    log.ends(traffic.snapshot());
    for (Tunnel tunnel : tunnels) {
      tunnel.eventLoop().execute(() -> tunnelEnds(tunnel));
    }
    relays.abortAll();
  }
}
