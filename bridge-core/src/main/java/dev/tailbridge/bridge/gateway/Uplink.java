package dev.tailbridge.bridge.gateway;

import dev.tailbridge.bridge.device.LogLimit;
import dev.tailbridge.bridge.forward.splice.StackLink;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.wireguard.WireGuardPeer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WireGuard server that the bridge dials, and the bridge's own machine in the server's network: a
 * whole TCP/IP stack at our addresses there.
 *
 * <ul>
 *   <li>The server's name is looked up when the tunnel begins, and again whenever a handshake stays
 *       unanswered; {@link EndpointSearch} says what then.
 *   <li>It never gives up: when WireGuard does, after a minute and a half, it is asked again.
 *   <li>Everything but {@link #name}, {@link #peer} and {@link #eventLoop} is on the peer's event
 *       loop.
 * </ul>
 */
public final class Uplink implements Tunnel {

  private static final Logger LOG = LoggerFactory.getLogger("uplink");
  private static final long AGAIN_SECONDS = 5;

  private final UplinkSettings settings;
  private final WireGuardPeer peer;
  private final AddressLookup names;
  private final Stack stack;
  private final EndpointSearch search = new EndpointSearch();
  private final LogLimit limit = new LogLimit();
  private boolean looking;
  private boolean silent = true;
  private boolean closed;

  /**
   * Takes the peer's packets.
   *
   * @param peer the server, without an endpoint yet
   */
  public Uplink(UplinkSettings settings, WireGuardPeer peer, AddressLookup names) {
    this.settings = settings;
    this.peer = peer;
    this.names = names;
    StackLink link =
        new StackLink(peer.eventLoop(), settings.mtu(), peer::write, peer::flush, peer::isWritable);
    this.stack = new Stack(link, settings.localAddresses(), settings.stack());
    peer.receiver(stack);
  }

  /** Dials the server. */
  public void start() {
    lookUp();
  }

  private void lookUp() {
    if (looking || closed) {
      return;
    }
    looking = true;
    names
        .find(settings.host(), eventLoop())
        .addListener(
            (Future<List<InetAddress>> found) -> {
              looking = false;
              if (closed) {
                return;
              }
              if (found.isSuccess()) {
                found(found.getNow());
              } else {
                notFound(found.cause());
              }
            });
  }

  private void found(List<InetAddress> addresses) {
    InetSocketAddress now = peer.status().endpoint();
    InetAddress next = search.choose(addresses, now == null ? null : now.getAddress());
    if (next != null) {
      InetSocketAddress to = new InetSocketAddress(next, settings.port());
      peer.redirect(to);
      LOG.info("{}: {} is dialed at {}", settings.name(), settings.host(), RuleLog.text(to));
      peer.initiate();
    }
  }

  private void notFound(Throwable why) {
    if (limit.pass("name", System.nanoTime()) != LogLimit.SUPPRESSED) {
      LOG.warn(
          "{}: {} was not found, which is tried again: {}",
          settings.name(),
          settings.host(),
          String.valueOf(why.getMessage()));
    }
    if (peer.status().endpoint() == null) {
      later(this::lookUp);
    }
  }

  private void later(Runnable work) {
    // Only the loop's end can keep it from running, and then nobody waits for it.
    var unused = eventLoop().schedule(work, AGAIN_SECONDS, TimeUnit.SECONDS);
  }

  /** An initiation stayed without an answer. Not from within the work on a packet. */
  public void handshakeUnanswered() {
    search.unanswered();
    silent = true;
    if (limit.pass("silent", System.nanoTime()) != LogLimit.SUPPRESSED) {
      LOG.warn(
          "{}: no answer from {}:{}; is the server on, are the keys those of each other, does UDP get"
              + " there?",
          settings.name(),
          settings.host(),
          settings.port());
    }
    lookUp();
  }

  /** Twenty of them did, so WireGuard rests. Not from within the work on a packet. */
  public void handshakeAbandoned() {
    later(
        () -> {
          if (!closed) {
            peer.initiate();
          }
        });
  }

  /** A session with the server began. Not from within the work on a packet. */
  public void sessionBegan() {
    search.answered();
    if (silent && !closed) {
      silent = false;
      InetSocketAddress at = peer.status().endpoint();
      LOG.info(
          "{}: connected to {}", settings.name(), at == null ? "the server" : RuleLog.text(at));
    }
    stack.sessionBegan();
  }

  /** Resets its connections and takes no packet any more; the peer stays. */
  public void close() {
    closed = true;
    stack.close();
  }

  public WireGuardPeer peer() {
    return peer;
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public long lastHandshakeEpochMillis() {
    return peer.status().lastHandshakeEpochMillis();
  }

  @Override
  public EventLoop eventLoop() {
    return peer.eventLoop();
  }

  @Override
  public Stack own() {
    return stack;
  }

  @Override
  public InetAddress ownAddress(InetAddress called) {
    return settings.localAddresses().stream()
        .filter(own -> own.getClass() == called.getClass())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no address of ours can call " + called));
  }
}
