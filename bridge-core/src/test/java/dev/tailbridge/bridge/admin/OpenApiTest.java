package dev.tailbridge.bridge.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds openapi.json against a server: every answer that it names is given, as it says. */
final class OpenApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode document = document();
  private final JsonSchemaFactory schemas =
      JsonSchemaFactory.getInstance(
          SpecVersion.VersionFlag.V202012,
          builder ->
              builder.schemaLoaders(
                  loaders ->
                      loaders.schemas(
                          uri -> uri.startsWith("urn:api") ? document.toString() : null)));

  private final Set<String> seen = new TreeSet<>();

  private static JsonNode document() {
    try (InputStream in = StaticPages.class.getResourceAsStream("openapi.json")) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyAnswerIsAsTheDescriptionSays() throws Exception {
    try (PictureBridge bridge = new PictureBridge(null)) {
      look(bridge, "GET", "/healthz", "/healthz");
      look(bridge, "GET", "/readyz", "/readyz");
      look(bridge, "GET", "/health", "/health");
      look(bridge, "GET", "/health", "/health?mode=tunnel&device=greenhouse&max_age=1m");
      look(bridge, "GET", "/health", "/health?mode=what");
      look(bridge, "GET", "/health", "/health?mode=tcp&device=none");
      look(bridge, "GET", "/metrics", "/metrics");
      look(bridge, "GET", "/api/v1/status", "/api/v1/status");
      look(bridge, "GET", "/api/v1/devices", "/api/v1/devices");
      look(bridge, "GET", "/api/v1/devices/{name}", "/api/v1/devices/greenhouse");
      look(bridge, "GET", "/api/v1/devices/{name}", "/api/v1/devices/shed");
      look(bridge, "GET", "/api/v1/devices/{name}", "/api/v1/devices/none");
      look(bridge, "GET", "/api/v1/devices/{name}/peers", "/api/v1/devices/greenhouse/peers");
      look(bridge, "GET", "/api/v1/devices/{name}/peers", "/api/v1/devices/shed/peers");
      look(bridge, "GET", "/api/v1/devices/{name}/peers", "/api/v1/devices/none/peers");
      look(bridge, "DELETE", "/api/v1/devices/{name}/node", "/api/v1/devices/greenhouse/node");
      look(bridge, "DELETE", "/api/v1/devices/{name}/node", "/api/v1/devices/none/node");
      look(bridge, "POST", "/api/v1/reload", "/api/v1/reload");
      look(bridge, "GET", "/api/v1/openapi.json", "/api/v1/openapi.json");
      bridge.well = false;
      look(bridge, "GET", "/healthz", "/healthz");
      look(bridge, "GET", "/readyz", "/readyz");
      look(bridge, "GET", "/health", "/health");
      bridge.broken = true;
      look(bridge, "GET", "/api/v1/status", "/api/v1/status");
      look(bridge, "POST", "/api/v1/reload", "/api/v1/reload");
      bridge.problems = List.of("f:1:1: wrong");
      look(bridge, "POST", "/api/v1/reload", "/api/v1/reload");
      look(bridge, "GET", "/api/v1/events", "/api/v1/events"); // It cannot look at the devices.
    }
    // That of events, which has no end, is EventStreamTest's.
    seen.add("get /api/v1/events 200");
    withoutToken();
    Set<String> documented = new TreeSet<>();
    operations(
        (method, path, operation) ->
            operation
                .get("responses")
                .fieldNames()
                .forEachRemaining(status -> documented.add(method + " " + path + " " + status)));
    assertThat(seen).isEqualTo(documented);
  }

  @Test
  void everyEventIsAsTheDescriptionSays() throws Exception {
    String said = document.at("/paths/~1api~1v1~1events/get/summary").asText();
    try (PictureBridge bridge = new PictureBridge(null);
        Stream<String> lines =
            HttpClient.newHttpClient()
                .send(bridge.request("/api/v1/events").build(), HttpResponse.BodyHandlers.ofLines())
                .body()) {
      Iterator<String> line = lines.iterator();
      for (JsonNode device : JSON.readTree(data(line, "devices"))) {
        assertThat(schema("Summary").validate(device)).isEmpty();
      }
      JsonNode sidecar = JSON.readTree(data(line, "sidecar"));
      assertThat(schema("SidecarSummary").validate(sidecar)).isEmpty();
    }
    assertThat(said).contains("`devices`", "`sidecar`", "Summary", "SidecarSummary");
  }

  private JsonSchema schema(String name) {
    return schemas.getSchema(SchemaLocation.of("urn:api#/components/schemas/" + name));
  }

  /** That of the next event, which is to be of a type. */
  private static String data(Iterator<String> lines, String type) {
    String line = lines.next();
    while (!line.startsWith("event: ")) {
      line = lines.next();
    }
    assertThat(line).isEqualTo("event: " + type);
    return lines.next().substring("data: ".length());
  }

  /** What names 401 wants a token, and what does not needs none. */
  private void withoutToken() throws Exception {
    try (PictureBridge bridge = new PictureBridge("0123456789abcdef")) {
      operations((method, path, operation) -> locked(bridge, method, path, operation));
    }
  }

  private interface Visitor {
    void visit(String method, String path, JsonNode operation);
  }

  private void operations(Visitor visitor) {
    document
        .get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        method ->
                            visitor.visit(method.getKey(), path.getKey(), method.getValue())));
  }

  private void locked(PictureBridge bridge, String method, String path, JsonNode operation) {
    try {
      String place = path.replace("{name}", "greenhouse");
      boolean needed = operation.get("responses").has("401");
      HttpResponse<String> answer =
          bridge.ask(method.toUpperCase(Locale.ROOT), place, "Authorization", "Bearer no");
      assertThat(answer.statusCode()).as(path).isEqualTo(needed ? 401 : 200);
      assertThat(operation.has("security")).as(path).isEqualTo(!needed);
      if (needed) {
        validate(answer, operation, method + " " + path);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void look(PictureBridge bridge, String method, String path, String asked)
      throws Exception {
    HttpResponse<String> answer = bridge.ask(method, asked);
    String name = method.toLowerCase(Locale.ROOT);
    validate(answer, document.get("paths").get(path).get(name), name + " " + path);
  }

  private void validate(HttpResponse<String> answer, JsonNode operation, String what) {
    String status = String.valueOf(answer.statusCode());
    seen.add(what + " " + status);
    JsonNode content = operation.get("responses").path(status).path("content");
    String type = answer.headers().firstValue("Content-Type").orElse("").split(";")[0];
    assertThat(content.has(type)).as("%s: %s of %s", what, type, status).isTrue();
    if (!type.endsWith("json")) {
      return;
    }
    String pointer =
        "/paths/"
            + what.split(" ")[1]
                .replace("~", "~0")
                .replace("/", "~1")
                .replace("{", "%7B")
                .replace("}", "%7D")
            + "/"
            + what.split(" ")[0]
            + "/responses/"
            + status
            + "/content/"
            + type.replace("/", "~1")
            + "/schema";
    JsonSchema schema = schemas.getSchema(SchemaLocation.of("urn:api#" + pointer));
    try {
      assertThat(schema.validate(JSON.readTree(answer.body()))).as(what + " " + status).isEmpty();
    } catch (JsonProcessingException e) {
      throw new AssertionError(what, e);
    }
  }
}
