package dev.tailbridge.bridge.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.BindException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the API says, and does when it is asked to. */
final class AdminServerTest extends AdminRig {

  @Test
  void statusAndDevices() throws Exception {
    HttpResponse<String> response = get("/api/v1/status");
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    JsonObject status = JsonParser.parseString(response.body()).getAsJsonObject();
    assertThat(status.get("pid").getAsLong()).isEqualTo(42);
    assertThat(status.has("endpoint")).as("unknown parts are left out").isFalse();
    JsonObject device = status.getAsJsonArray("devices").get(0).getAsJsonObject();
    assertThat(device.get("tailnetName").getAsString()).isEqualTo("greenhouse.example.ts.net");
    assertThat(device.getAsJsonObject("drops").get("no route").getAsLong()).isEqualTo(3);
    assertThat(device.getAsJsonArray("findings"))
        .hasToString(
            "[{\"kind\":\"stale_clock\",\"text\":\"enable SNTP\",\"times\":4,"
                + "\"last\":\"2026-11-24T16:00:00Z\"}]");
    assertThat(status.getAsJsonArray("unknownKeys").get(0).getAsJsonObject().get("source"))
        .hasToString("\"192.0.2.9:51820\"");

    assertThat(JsonParser.parseString(get("/api/v1/devices").body()).getAsJsonArray())
        .containsExactly(device);
    assertThat(JsonParser.parseString(get("/api/v1/devices/greenhouse").body())).isEqualTo(device);
  }

  @Test
  void peersOfADevice() throws Exception {
    String peer =
        "[{\"name\":\"desk.example.ts.net\",\"addresses\":[\"100.64.0.7\"],\"online\":true,"
            + "\"derp\":\"nue\",\"rttMillis\":12.5,\"rxBytes\":1,\"txBytes\":2}]\n";
    assertThat(get("/api/v1/devices/greenhouse/peers?ping=true").body()).isEqualTo(peer);
    assertThat(get("/api/v1/devices/greenhouse/peers").body())
        .isEqualTo(peer.replace("\"rttMillis\":12.5,", ""));
    problem(get("/api/v1/devices/cellar/peers"), 404, "urn:tailbridge:no-such-device");
    problem(get("/api/v1/devices/shed/peers"), 409, "urn:tailbridge:no-node");
  }

  @Test
  void metricsInTheFormatOfPrometheus() throws Exception {
    HttpResponse<String> response = get("/metrics");
    assertThat(response.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.body()).contains("bridge_device_up{device=\"greenhouse\"} 1.0\n");
  }

  @Test
  void whatIsNotThere() throws Exception {
    problem(get("/api/v1/devices/cellar"), 404, "urn:tailbridge:no-such-device");
    problem(get("/api/v2"), 404, "urn:tailbridge:no-such-page");
    problem(get("/api/v1/devices/a/b"), 404, "urn:tailbridge:no-such-device");
  }

  @Test
  void headIsAnsweredWithoutABody() throws Exception {
    HttpResponse<String> response =
        client.send(
            request("/api/v1/status").method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void aNodeIsRemovedAndWhatIsLeftIsSaid() throws Exception {
    HttpResponse<String> response = delete("/api/v1/devices/greenhouse/node");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .isEqualTo(
            "{\"device\":\"greenhouse\",\"machine\":\"greenhouse.example.ts.net\","
                + "\"loggedOut\":true,\"deleted\":false,\"left\":[\"delete the machine\"]}\n");
    problem(delete("/api/v1/devices/cellar/node"), 404, "urn:tailbridge:no-such-node");
  }

  @Test
  void aReloadSaysWhatCameOfIt() throws Exception {
    HttpResponse<String> done = post("/api/v1/reload");
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(done.body())
        .isEqualTo(
            "{\"file\":\"devices.toml\",\"added\":[\"shed\"],\"changed\":[],\"removed\":[],"
                + "\"needRestart\":[\"[admin]\"],\"warnings\":[]}\n");
    broken = true;
    problem(post("/api/v1/reload"), 409, "urn:tailbridge:not-reloaded");
    notReloaded = List.of("devices.toml:1:1: wrong");
    HttpResponse<String> invalid = post("/api/v1/reload");
    assertThat(invalid.statusCode()).isEqualTo(422);
    assertThat(invalid.body())
        .contains("urn:tailbridge:invalid-configuration")
        .contains("[\"devices.toml:1:1: wrong\"]");
    problem(get("/api/v1/reload"), 405, "urn:tailbridge:read-only");
  }

  @Test
  void aTakenPortIsNamedWithTheRemedy() {
    assertThatThrownBy(() -> AdminServer.start(server.address(), null, null, null, null, null))
        .isInstanceOf(BindException.class)
        .hasMessage(
            "Cannot listen on TCP 127.0.0.1 port "
                + server.address().getPort()
                + ": Address already in use; stop what uses it, or choose another address for"
                + " listen in [admin]");
  }
}
