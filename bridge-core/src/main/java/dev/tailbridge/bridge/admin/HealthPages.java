package dev.tailbridge.bridge.admin;

import com.sun.net.httpserver.HttpExchange;
import dev.tailbridge.bridge.health.HealthAnswer;
import dev.tailbridge.bridge.health.HealthProbes;
import dev.tailbridge.bridge.health.HealthQuestion;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * {@code /healthz}, {@code /readyz} and {@code /health}, which nobody needs a token for: they show
 * nothing but whether something is well. Success is 200 with a line, failure 503 with a problem
 * document.
 *
 * <p>The bridge's two HTTP servers share one of these. Those who wait for probes are bounded, so
 * that {@code /healthz} always finds a thread.
 */
public final class HealthPages implements AutoCloseable {
  static final String ALIVE = "/healthz";
  static final String READY = "/readyz";
  static final String HEALTH = "/health";

  /** Longer than the probes' own. */
  private static final int GRACE_MILLIS = 2_000;

  private static final int MOST_WAITING = 8;

  private final Health loops;
  private final BridgeStatus status;
  private final HealthProbes probes;
  private final Semaphore waiting = new Semaphore(MOST_WAITING);

  public HealthPages(BridgeStatus status, HealthProbes probes) {
    this.loops = new Health(status);
    this.status = status;
    this.probes = probes;
  }

  /** The answer for one of the three paths. */
  Answer answer(HttpExchange exchange) {
    return switch (String.valueOf(exchange.getRequestURI().getPath())) {
      case ALIVE ->
          loops.alive()
              ? Answer.text(200, "ok")
              : unhealthy("An event loop does not turn; restart the bridge.");
      case READY -> status.ready() ? Answer.text(200, "ready") : notReady();
      case HEALTH -> health(exchange.getRequestURI().getRawQuery());
      default ->
          Answer.problem(404, "no-such-page", "There is /healthz, /readyz and /health, no more.");
    };
  }

  private Answer health(@Nullable String query) {
    HealthQuestion question;
    try {
      question = HealthQuestion.of(parameters(query));
    } catch (HealthQuestion.BadQueryException e) {
      return Answer.problem(400, "bad-query", String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      return Answer.problem(400, "bad-query", "The query is not percent-encoded UTF-8.");
    }
    if (question.mode() == HealthQuestion.Mode.DEFAULT) {
      return status.ready() ? Answer.text(200, "OK") : notReady();
    }
    if (!waiting.tryAcquire()) {
      return unhealthy("Too many probes run at this moment; ask again.");
    }
    try {
      return answer(
          probes
              .ask(question)
              .get(question.timeout().toMillis() + GRACE_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unhealthy("The bridge ends.");
    } catch (ExecutionException | TimeoutException e) {
      return unhealthy("The probe did not come back.");
    } finally {
      waiting.release();
    }
  }

  private static Answer answer(HealthAnswer probed) {
    String text = probed.text();
    String sentence = Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
    return switch (probed.outcome()) {
      case HEALTHY -> Answer.text(200, "OK: " + text);
      case UNHEALTHY, BUSY -> unhealthy(sentence);
      case NOT_A_TARGET -> Answer.problem(404, "no-such-target", sentence);
    };
  }

  private static Answer notReady() {
    return unhealthy("The bridge is starting or stopping.");
  }

  private static Answer unhealthy(String detail) {
    return Answer.problem(503, "unhealthy", detail);
  }

  private static Map<String, String> parameters(@Nullable String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (query != null && !query.isEmpty()) {
      for (String pair : query.split("&", -1)) {
        int equals = pair.indexOf('=');
        String key = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        parameters.put(decoded(key), decoded(value));
      }
    }
    return parameters;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    loops.close();
  }
}
