package dev.tailbridge.bridge.device;

import dev.tailbridge.bridge.forward.CallerPolicy;
import dev.tailbridge.bridge.forward.CallerPolicy.Caller;
import dev.tailbridge.tailnet.TailnetNode;
import dev.tailbridge.tailnet.Whois;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks a device's node who its callers are.
 *
 * <p>Confined to the device's event loop, where the answers come too; what goes on with one is
 * flushed.
 */
final class CallerWhois implements CallerPolicy.Whois {

  private final EventLoop loop;
  private final Supplier<@Nullable TailnetNode> node;
  private final Runnable flush;

  CallerWhois(EventLoop loop, Supplier<@Nullable TailnetNode> node, Runnable flush) {
    this.loop = loop;
    this.node = node;
    this.flush = flush;
  }

  // The outcome of the question is handled in its callback; the tasks cannot fail.
  @SuppressWarnings("FutureReturnValueIgnored")
  @Override
  public void ask(InetAddress caller, CallerPolicy answerTo) {
    TailnetNode asked = node.get();
    if (asked == null) {
      answerTo.failed(caller, System.nanoTime());
      return;
    }
    // An address is enough: only its owner is asked for, not a connection.
    asked
        .ask()
        .whois("tcp", new InetSocketAddress(caller, 0))
        .whenComplete(
            (who, failure) ->
                loop.execute(
                    () -> {
                      if (node.get() == asked) {
                        answer(caller, failure == null ? who : null, answerTo);
                      }
                    }));
    loop.schedule(
        () -> {
          answerTo.expire(System.nanoTime());
          flush.run();
        },
        CallerPolicy.WAIT_NANOS,
        TimeUnit.NANOSECONDS);
  }

  private void answer(InetAddress caller, @Nullable Whois who, CallerPolicy answerTo) {
    long nowNanos = System.nanoTime();
    if (who == null) {
      answerTo.failed(caller, nowNanos);
    } else {
      answerTo.answered(caller, new Caller(who.login(), who.node(), who.tags()), nowNanos);
    }
    flush.run();
  }
}
