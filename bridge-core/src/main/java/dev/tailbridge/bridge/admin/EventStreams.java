package dev.tailbridge.bridge.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * {@code /api/v1/events}: server-sent events. A client gets all devices first ({@code devices}) and
 * the sidecar where there is one ({@code sidecar}), then each device that changed ({@code device})
 * or is gone ({@code removed}), and the sidecar when it ended or another one runs. With {@code
 * Last-Event-ID} it gets what came since instead, if that is still here.
 *
 * <p>Each stream takes a thread, so there are at most {@value #MOST} of them.
 */
final class EventStreams implements AutoCloseable {
  static final int MOST = 8;
  private static final long SILENCE_MILLIS = 15_000;

  private final EventLog log = new EventLog();
  private final DeviceWatch watch;
  private final Semaphore free = new Semaphore(MOST);

  EventStreams(BridgeStatus status) {
    this.watch = new DeviceWatch(status, log);
  }

  /** What a client of the stream gets. */
  Reply reply() {
    return this::send;
  }

  private void send(HttpExchange exchange) throws IOException {
    if (!free.tryAcquire()) {
      Answer.problem(
              503,
              "too-many-streams",
              "As many clients watch as can; close one, or ask again later.")
          .send(exchange);
      return;
    }
    try {
      watch.begin();
      try {
        stream(exchange);
      } finally {
        watch.end();
      }
    } catch (IllegalStateException e) {
      Answer.problem(503, "no-answer", "An event loop does not answer; see /healthz.")
          .send(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The server ends.
    } finally {
      free.release();
    }
  }

  private void stream(HttpExchange exchange) throws IOException, InterruptedException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", "text/event-stream");
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    if (head) {
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    long sent = log.resume(exchange.getRequestHeaders().getFirst("Last-Event-ID"));
    while (true) {
      List<EventLog.Event> events = sent < 0 ? null : log.await(sent, SILENCE_MILLIS);
      if (events == null) {
        DeviceWatch.Picture picture = watch.picture();
        sent = picture.number();
        write(out, event(sent, "devices", picture.devices()));
        if (picture.sidecar() != null) {
          write(out, event(sent, "sidecar", picture.sidecar()));
        }
      } else if (events.isEmpty()) {
        write(out, ": still here\n\n");
      } else {
        for (EventLog.Event event : events) {
          sent = event.number();
          write(out, event(sent, event.type(), event.data()));
        }
      }
    }
  }

  private String event(long number, String type, String data) {
    return "id: " + log.id(number) + "\nevent: " + type + "\ndata: " + data + "\n\n";
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Override
  public void close() {
    watch.close();
  }
}
