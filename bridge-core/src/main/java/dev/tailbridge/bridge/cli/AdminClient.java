package dev.tailbridge.bridge.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.config.AdminSection;
import dev.tailbridge.bridge.config.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Asks a running bridge over its API. */
final class AdminClient {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration DELETE_PATIENCE = Duration.ofSeconds(90);

  private final InetSocketAddress address;
  private final @Nullable Secret token;

  /**
   * @param section of the bridge's configuration
   */
  AdminClient(AdminSection section) {
    this.address = section.listen();
    this.token = section.token();
  }

  /** For what needs no token. */
  AdminClient(InetSocketAddress address) {
    this.address = address;
    this.token = null;
  }

  /**
   * The JSON at {@code path}.
   *
   * @throws IOException with a line for the user when nobody, or something else, answers there
   */
  String get(String path) throws IOException {
    return send(request(path).timeout(PATIENCE).build());
  }

  /**
   * Deletes what is at {@code path}, for which the bridge may have to ask a control server.
   *
   * @return the JSON that says what became of it
   * @throws IOException as {@link #get} does
   */
  String delete(String path) throws IOException {
    return send(request(path).timeout(DELETE_PATIENCE).DELETE().build());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + authority() + path));
    return token == null ? request : request.header("Authorization", "Bearer " + token.reveal());
  }

  /**
   * What is answered at {@code path}, whatever it is.
   *
   * @throws IOException with a line for the user when nobody answers there
   */
  HttpResponse<String> ask(String path) throws IOException {
    return exchange(request(path).timeout(PATIENCE).build());
  }

  /**
   * Posts nothing to {@code path}, which may take as long as nodes take to end.
   *
   * @return what is answered, whatever it is
   * @throws IOException with a line for the user when nobody answers there
   */
  HttpResponse<String> post(String path) throws IOException {
    return exchange(
        request(path).timeout(DELETE_PATIENCE).POST(HttpRequest.BodyPublishers.noBody()).build());
  }

  /** What an answer says to people: the detail of a problem document, else all of it. */
  static String said(HttpResponse<String> answer) {
    String body = answer.body().strip();
    try {
      return JsonParser.parseString(body) instanceof JsonObject problem && problem.has("detail")
          ? problem.get("detail").getAsString()
          : body;
    } catch (JsonParseException e) {
      return body;
    }
  }

  private HttpResponse<String> exchange(HttpRequest request) throws IOException {
    HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IOException(
          "no bridge answers at "
              + authority()
              + ", the address of [admin] listen; is it running, with this configuration?",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the bridge", e);
    }
  }

  private String send(HttpRequest request) throws IOException {
    HttpResponse<String> response = exchange(request);
    String type = response.headers().firstValue("Content-Type").orElse("");
    if (response.statusCode() == 401) {
      throw new IOException(
          "the bridge at "
              + authority()
              + " wants another token than the one of [admin] in this configuration; a changed token"
              + " needs a restart of the bridge");
    }
    if (response.statusCode() != 200 || !type.startsWith("application/json")) {
      throw new IOException(
          "what answers at "
              + authority()
              + " is no bridge, or not of this version (HTTP "
              + response.statusCode()
              + "); check listen in [admin]");
    }
    return response.body().strip();
  }

  private String authority() {
    // Nobody can dial all addresses of a host; loopback is one of them.
    InetAddress host =
        address.getAddress().isAnyLocalAddress()
            ? InetAddress.getLoopbackAddress()
            : address.getAddress();
    String text = host.getHostAddress();
    return (text.indexOf(':') >= 0 ? "[" + text + "]" : text) + ":" + address.getPort();
  }
}
