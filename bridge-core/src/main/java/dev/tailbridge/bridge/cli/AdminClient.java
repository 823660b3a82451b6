package dev.tailbridge.bridge.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a running bridge over its API. */
final class AdminClient {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration DELETE_PATIENCE = Duration.ofSeconds(90);

  private final InetSocketAddress address;

  /**
   * @param address of {@code [admin] listen} in the bridge's configuration
   */
  AdminClient(InetSocketAddress address) {
    this.address = address;
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
    return HttpRequest.newBuilder(URI.create("http://" + authority() + path));
  }

  /**
   * What is answered at {@code path}, whatever it is.
   *
   * @throws IOException with a line for the user when nobody answers there
   */
  HttpResponse<String> ask(String path) throws IOException {
    return exchange(request(path).timeout(PATIENCE).build());
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
    InetAddress host = address.getAddress();
    String text = host.getHostAddress();
    return (text.indexOf(':') >= 0 ? "[" + text + "]" : text) + ":" + address.getPort();
  }
}
