package dev.tailbridge.bridge.gateway;

import static io.netty.channel.ChannelFutureListener.CLOSE_ON_FAILURE;

import dev.tailbridge.netstack.channel.TcpChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Listens on this host, and passes callers on to a machine in a tunnel.
 *
 * <p>The system has accepted a caller before anybody is asked; who cannot be passed on is reset. A
 * caller takes part in no event loop before the machine has answered: a socket there is read to its
 * end as soon as its peer has shut it, when nobody could take what comes.
 */
public final class TcpIngress implements Rule {

  private final InetSocketAddress listen;
  private final InetSocketAddress target;
  private final EventLoop acceptor;
  private final GatewayLimits limits;
  private final RuleLog log;
  private final Traffic traffic;
  private final Relays relays;
  private volatile @Nullable Tunnel tunnel;
  private volatile @Nullable Channel listener;

  /**
   * @param rule what the log calls it
   * @param target in the tunnel; resolved
   * @param acceptor where callers are accepted, before they go to the tunnel's own event loop
   */
  public TcpIngress(
      String rule,
      InetSocketAddress listen,
      InetSocketAddress target,
      GatewayLimits limits,
      EventLoop acceptor) {
    this.listen = listen;
    this.target = target;
    this.acceptor = acceptor;
    this.limits = limits;
    this.log = new RuleLog(rule);
    this.traffic = new Traffic(limits.connections());
    this.relays = new Relays(limits, traffic);
  }

  @Override
  public void begin() throws IOException {
    ChannelFuture bound =
        new Bootstrap() // A server channel whose children are registered by us, and later.
            .group(acceptor)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new Acceptor(), new AcceptRest(cause -> log.failed(listen, cause)));
                  }
                })
            .bind(listen)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
    }
    listener = bound.channel();
    log.begins();
  }

  /** Where it listens, with the real port; null before it has begun. */
  @Nullable InetSocketAddress address() {
    Channel bound = listener;
    return bound == null ? null : (InetSocketAddress) bound.localAddress();
  }

  @Override
  public void tunnelBegan(Tunnel began) {
    tunnel = began;
  }

  @Override
  public void tunnelEnds(Tunnel ending) {
    if (tunnel == ending) {
      tunnel = null;
    }
  }

  @Override
  public CompletableFuture<?> probe(ChannelHandler handler, Duration timeout) {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    Tunnel to = tunnel;
    if (to == null) {
      answered.completeExceptionally(new ConnectException("its device is not there"));
      return answered;
    }
    to.eventLoop()
        .execute(
            () -> {
              try {
                Dial.tell(dial(to, handler, timeout, /* autoRead= */ true), answered);
              } catch (IllegalStateException e) {
                answered.completeExceptionally(e);
              }
            });
    return answered;
  }

  @Override
  public long lastHandshakeEpochMillis() {
    Tunnel through = tunnel;
    return through == null ? 0 : through.lastHandshakeEpochMillis();
  }

  @Override
  public Traffic.Snapshot traffic() {
    return traffic.snapshot();
  }

  private final class Acceptor extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object child) {
      SocketChannel caller = (SocketChannel) child;
      Tunnel to = tunnel;
      if (!traffic.begin()) {
        log.full(caller.remoteAddress(), limits.connections());
        Relay.reset(caller);
      } else if (to == null) {
        failed(caller, new ConnectException("its device is being changed, or is not there yet"));
      } else {
        to.eventLoop().execute(() -> call(to, caller));
      }
    }
  }

  private void failed(SocketChannel caller, Throwable why) {
    traffic.failed();
    traffic.end();
    log.failed(caller.remoteAddress(), why);
    Relay.reset(caller);
  }

  /** On the tunnel's event loop. */
  private void call(Tunnel to, SocketChannel caller) {
    ChannelFuture dialed;
    try {
      dialed =
          dial(to, new ChannelInboundHandlerAdapter(), limits.connect(), /* autoRead= */ false);
    } catch (IllegalStateException e) {
      failed(caller, e);
      return;
    }
    dialed.addListener(
        done -> {
          if (done.isSuccess()) {
            join(to, caller, (DuplexChannel) dialed.channel());
          } else {
            failed(caller, done.cause());
          }
        });
  }

  /** On the tunnel's event loop; throws when there is no port or address to call from. */
  private ChannelFuture dial(
      Tunnel to, ChannelHandler handler, Duration timeout, boolean autoRead) {
    return new Bootstrap()
        .group(to.eventLoop())
        .channelFactory(() -> new TcpChannel(to.calls()))
        .option(ChannelOption.AUTO_READ, autoRead)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
        .handler(handler)
        .connect(target, new InetSocketAddress(to.ownAddress(target.getAddress()), 0));
  }

  private void join(Tunnel to, SocketChannel caller, DuplexChannel called) {
    caller.config().setTcpNoDelay(true).setKeepAlive(true);
    relays.join(caller, called, to.eventLoop());
    to.eventLoop().register(caller).addListener(CLOSE_ON_FAILURE);
  }

  @Override
  public void close() {
    Channel bound = listener;
    if (bound != null && bound.isOpen()) {
      bound.close().awaitUninterruptibly();
      log.ends(traffic.snapshot());
    }
    relays.abortAll();
  }
}
