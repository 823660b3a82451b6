package dev.tailbridge.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service manager that started this process, in the words of sd_notify(3): it is told when the
 * bridge is ready, when it loads its file again and when it ends; and, if it watches over the
 * process, that every event loop turns. Whoever has no service manager tells nobody.
 *
 * <p>A sign of life goes from loop to loop and is sent when it has come round. So it stays away
 * when one of them hangs, and the manager then starts the bridge anew.
 *
 * <p>Thread-safe.
 */
final class ServiceManager implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ServiceManager.class);
  private static final String READY = "READY=1";
  private static final long PATIENCE_MILLIS = 500;

  private final List<EventLoop> loops;
  private final @Nullable Channel channel;
  private final @Nullable Future<?> signs;

  private ServiceManager(List<EventLoop> loops, @Nullable Channel channel, long watchMicros) {
    this.loops = loops;
    this.channel = channel;
    // Twice as often as it must be, so that one that is late does no harm.
    this.signs =
        watchMicros == 0
            ? null
            : loops
                .get(0)
                .scheduleWithFixedDelay(this::sign, 0, watchMicros / 2, TimeUnit.MICROSECONDS);
  }

  /**
   * Reaches the one that the environment names.
   *
   * @param environment gives the value of an environment variable, or null
   * @param loops that must turn; the first has the socket
   */
  static ServiceManager find(
      Function<String, @Nullable String> environment, List<EventLoop> loops) {
    String socket = environment.apply("NOTIFY_SOCKET");
    return new ServiceManager(
        loops, socket == null ? null : connect(socket, loops.get(0)), watchMicros(environment));
  }

  private static @Nullable Channel connect(String socket, EventLoop loop) {
    // An @ at the begin stands for the abstract namespace, whose names begin with a zero byte.
    String path = socket.startsWith("@") ? "\0" + socket.substring(1) : socket;
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channel(EpollDomainDatagramChannel.class)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(new DomainSocketAddress(path));
    if (connected.awaitUninterruptibly(PATIENCE_MILLIS) && connected.isSuccess()) {
      return connected.channel();
    }
    logger.warn(
        "no service manager at NOTIFY_SOCKET={}: {}", socket, String.valueOf(connected.cause()));
    return null;
  }

  /** How long it waits for a sign of life; 0 when it does not watch over this process. */
  private static long watchMicros(Function<String, @Nullable String> environment) {
    String micros = environment.apply("WATCHDOG_USEC");
    String pid = environment.apply("WATCHDOG_PID");
    boolean mine = pid == null || pid.equals(Long.toString(ProcessHandle.current().pid()));
    return mine && micros != null && micros.matches("\\d{1,15}") ? Long.parseLong(micros) : 0;
  }

  /**
   * The bridge runs.
   *
   * @param status one line for a person
   */
  void ready(String status) {
    tell(READY + "\nSTATUS=" + status);
  }

  /** It loads its file again; {@link #ready} follows, whatever comes of it. */
  void reloading() {
    // Java's clock is the system's monotonic one, from which the manager knows old news.
    tell("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
  }

  /** One sign of life, round all loops. On the first of them. */
  void sign() {
    pass(1);
  }

  private void pass(int next) {
    if (next == loops.size()) {
      tell("WATCHDOG=1");
    } else {
      loops.get(next).execute(() -> pass(next + 1));
    }
  }

  private void tell(String message) {
    if (channel != null) {
      var unused = write(channel, message);
    }
  }

  private static ChannelFuture write(Channel channel, String message) {
    return channel
        .writeAndFlush(Unpooled.copiedBuffer(message, UTF_8))
        .addListener(
            sent -> {
              if (!sent.isSuccess()) {
                logger.debug("the service manager does not listen", sent.cause());
              }
            });
  }

  /** The bridge ends. */
  @Override
  public void close() {
    if (signs != null) {
      signs.cancel(false);
    }
    if (channel != null) {
      write(channel, "STOPPING=1").awaitUninterruptibly(PATIENCE_MILLIS);
      channel.close().awaitUninterruptibly(PATIENCE_MILLIS);
    }
  }
}
