package dev.tailbridge.bridge.health;

import dev.tailbridge.bridge.health.HealthQuestion.Mode;
import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Probes targets, so that many who ask, none of whom had to say who he is, cannot burden a chip.
 *
 * <ul>
 *   <li>Who asks the same while a probe runs gets that probe's answer.
 *   <li>A target is called by at most {@value #MOST_OF_ONE} probes at a time.
 *   <li>Thread-safe, and nothing waits here.
 * </ul>
 */
public final class HealthProbes {
  static final int MOST_OF_ONE = 2;

  /** A dialer that never comes back must not keep its place for ever. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final HealthTargets targets;
  private final InstantSource clock;
  private final Map<Call, CompletableFuture<HealthAnswer>> running = new ConcurrentHashMap<>();

  private record Call(String target, @Nullable String path) {}

  public HealthProbes(HealthTargets targets, InstantSource clock) {
    this.targets = targets;
    this.clock = clock;
  }

  /**
   * Answers a question about a target.
   *
   * @param question of another mode than {@link Mode#DEFAULT}
   * @return completes, never with a failure, within the question's time and a second
   */
  public CompletableFuture<HealthAnswer> ask(HealthQuestion question) {
    Optional<HealthTarget> found =
        targets.find(question.target(), /* toCall= */ question.mode() != Mode.TUNNEL);
    if (found.isEmpty()) {
      return CompletableFuture.completedFuture(
          HealthAnswer.notATarget("the configuration has no such target"));
    }
    HealthTarget target = found.get();
    if (question.mode() == Mode.TUNNEL) {
      return CompletableFuture.completedFuture(tunnel(target, question.maxAge()));
    }
    Dialer dialer = target.dialer();
    if (dialer == null) {
      return CompletableFuture.completedFuture(
          HealthAnswer.notATarget(
              "the configuration lets nobody probe it; a device needs health = { port = 80 }, and of a"
                  + " rule for UDP only its tunnel can be asked about (mode=tunnel)"));
    }
    if (target.tunnelWithin() != null) {
      HealthAnswer tunnel = tunnel(target, target.tunnelWithin());
      if (tunnel.outcome() != HealthAnswer.Outcome.HEALTHY) {
        return CompletableFuture.completedFuture(tunnel);
      }
    }
    String path = null;
    if (question.mode() == Mode.HTTP) {
      path = question.path() == null ? target.defaultPath() : question.path();
      if (!target.mayFetch(path)) {
        return CompletableFuture.completedFuture(
            HealthAnswer.notATarget("the configuration does not let anybody fetch that path"));
      }
    }
    return call(target, dialer, path, question.timeout());
  }

  private HealthAnswer tunnel(HealthTarget target, Duration maxAge) {
    long last = target.lastHandshakeEpochMillis().getAsLong();
    if (last == 0) {
      return HealthAnswer.unhealthy("there was no handshake yet");
    }
    Duration age = Duration.ofMillis(Math.max(0, clock.millis() - last));
    String text = "the last handshake was " + age.toSeconds() + " s ago";
    return age.compareTo(maxAge) <= 0
        ? HealthAnswer.healthy(text)
        : HealthAnswer.unhealthy(text + ", longer than " + maxAge.toSeconds() + " s");
  }

  private CompletableFuture<HealthAnswer> call(
      HealthTarget target, Dialer dialer, @Nullable String path, Duration timeout) {
    Call call = new Call(target.name(), path);
    CompletableFuture<HealthAnswer> mine = new CompletableFuture<>();
    // Who waits hears of it after its place is free.
    CompletableFuture<HealthAnswer> shared =
        mine.whenComplete((done, failure) -> running.remove(call));
    synchronized (running) {
      CompletableFuture<HealthAnswer> others = running.get(call);
      if (others != null) {
        return others.copy();
      }
      long same = running.keySet().stream().filter(c -> c.target().equals(call.target())).count();
      if (same >= MOST_OF_ONE) {
        return CompletableFuture.completedFuture(HealthAnswer.busy());
      }
      running.put(call, shared);
    }
    mine.completeOnTimeout(
        HealthAnswer.unhealthy("it did not answer in time"),
        timeout.plus(GRACE).toMillis(),
        TimeUnit.MILLISECONDS);
    ProbeHandler handler = new ProbeHandler(path, target.host(), timeout.toNanos(), mine);
    try {
      var ignored =
          dialer
              .dial(handler, timeout)
              .whenComplete(
                  (connected, failure) -> {
                    if (failure != null) {
                      mine.complete(HealthAnswer.unhealthy(word(failure)));
                    }
                  });
    } catch (RuntimeException e) {
      mine.complete(HealthAnswer.unhealthy("it cannot be called now"));
    }
    return shared.copy();
  }

  /** No message of an exception, which might show addresses to somebody who should not see them. */
  private static String word(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    // Netty's time-out is a ConnectException too.
    if (cause instanceof ConnectTimeoutException) {
      return "it did not answer in time";
    }
    if (cause instanceof ConnectException) {
      return "it refuses connections";
    }
    if (cause instanceof NoRouteToHostException || cause instanceof UnknownHostException) {
      return "it cannot be reached: no route, or no such name";
    }
    return cause instanceof IOException ? "it reset the connection" : "it cannot be called now";
  }
}
