package dev.tailbridge.bridge.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Server-sent events over real HTTP. */
@Timeout(20)
final class EventStreamTest {
  private static final String SIDECAR_RUNS = "sidecar {\"pid\":43,\"running\":true,\"restarts\":1}";

  private PictureBridge bridge;

  @BeforeEach
  void start() throws IOException {
    bridge = new PictureBridge(null);
  }

  @AfterEach
  void stop() {
    bridge.close();
  }

  /** One that listens, by a connection of its own. */
  private final class Listener implements AutoCloseable {
    private final HttpResponse<InputStream> answer;
    private final BufferedReader lines;
    private String id = "";

    Listener(String... headers) throws IOException, InterruptedException {
      HttpRequest.Builder request = bridge.request("/api/v1/events");
      if (headers.length > 0) {
        request.headers(headers);
      }
      answer =
          HttpClient.newHttpClient()
              .send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    /** The next event: its type and its data. */
    String next() throws IOException {
      String type = "";
      String data = "";
      for (String line = lines.readLine();
          line != null && !line.isEmpty();
          line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          type = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data = line.substring(6);
        }
      }
      return type + " " + data;
    }

    @Override
    public void close() throws IOException {
      answer.body().close();
    }
  }

  @Test
  void firstComeAllDevicesThenWhatChanges() throws Exception {
    try (Listener listener = new Listener()) {
      assertThat(listener.answer.headers().firstValue("Content-Type"))
          .contains("text/event-stream");
      String first = listener.next();
      assertThat(first).startsWith("devices [");
      JsonArray all = JsonParser.parseString(first.substring(8)).getAsJsonArray();
      JsonObject greenhouse = all.get(0).getAsJsonObject();
      assertThat(greenhouse.get("name").getAsString()).isEqualTo("greenhouse");
      assertThat(greenhouse.get("state").getAsString()).isEqualTo("online");
      assertThat(greenhouse.has("rxBytes")).as("no counters").isFalse();
      assertThat(listener.next()).isEqualTo(SIDECAR_RUNS);

      bridge.devices = List.of(Pictures.plain("greenhouse"));
      assertThat(List.of(listener.next(), listener.next()))
          .satisfiesExactlyInAnyOrder(
              event -> assertThat(event).isEqualTo("removed {\"name\":\"shed\"}"),
              event ->
                  assertThat(event)
                      .startsWith(
                          "device {\"name\":\"greenhouse\",\"state\":\"waiting for device\""));
    }
  }

  @Test
  void theEndOfTheSidecarAndItsReturnAreTold() throws Exception {
    try (Listener listener = new Listener()) {
      assertThat(listener.next()).startsWith("devices [");
      assertThat(listener.next()).isEqualTo(SIDECAR_RUNS);
      bridge.sidecar = Pictures.sidecar(43, false, 1);
      assertThat(listener.next())
          .isEqualTo("sidecar {\"pid\":43,\"running\":false,\"restarts\":1}");
      bridge.sidecar = Pictures.sidecar(44, true, 2);
      assertThat(listener.next()).isEqualTo("sidecar {\"pid\":44,\"running\":true,\"restarts\":2}");
    }
    bridge.sidecar = null;
    try (Listener listener = new Listener()) {
      assertThat(listener.next()).startsWith("devices [");
      bridge.devices = List.of();
      assertThat(listener.next()).as("nothing of a sidecar").startsWith("removed ");
    }
  }

  @Test
  void whoComesBackGetsWhatHeMissed() throws Exception {
    String id;
    try (Listener listener = new Listener()) {
      listener.next();
      listener.next();
      id = listener.id;
    }
    bridge.devices = List.of(Pictures.device("greenhouse"));
    try (Listener listener = new Listener("Last-Event-ID", id)) {
      assertThat(listener.next()).isEqualTo("removed {\"name\":\"shed\"}");
    }
    // From another run of the bridge, or junk: everything.
    for (String unknown : List.of("1-1", "-1", "x", id.split("-")[0] + "-999")) {
      try (Listener listener = new Listener("Last-Event-ID", unknown)) {
        assertThat(listener.next()).startsWith("devices [");
      }
    }
  }

  @Test
  void streamsAreBoundedAndLeaveRoomForOthers() throws Exception {
    List<Listener> listeners = new ArrayList<>();
    for (int i = 0; i < EventStreams.MOST; i++) {
      Listener listener = new Listener();
      listener.next();
      listeners.add(listener);
    }
    assertThat(bridge.ask("GET", "/api/v1/events").statusCode()).isEqualTo(503);
    assertThat(bridge.ask("GET", "/healthz").statusCode()).isEqualTo(200);
    for (Listener listener : listeners) {
      listener.close();
    }
    // A closed one is noticed with the next event.
    Awaitility.await()
        .until(
            () -> {
              bridge.devices =
                  bridge.devices.size() == 1
                      ? List.of(Pictures.device("a"), Pictures.device("b"))
                      : List.of(Pictures.device("a"));
              try (Listener again = new Listener()) {
                return again.answer.statusCode() == 200;
              }
            });
  }

  @Test
  void theLogForgetsTheOldestAndSaysSo() throws Exception {
    EventLog log = new EventLog();
    for (int i = 0; i < EventLog.KEPT + 10; i++) {
      log.add("device", "{}");
    }
    assertThat(log.resume(log.id(9))).isEqualTo(-1);
    assertThat(log.resume(log.id(10))).isEqualTo(10);
    assertThat(log.await(9, 0)).isNull();
    assertThat(log.await(10, 0)).hasSize(EventLog.KEPT);
    assertThat(log.await(log.last(), 1)).isEmpty();
  }
}
