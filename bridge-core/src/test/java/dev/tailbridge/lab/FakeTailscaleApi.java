package dev.tailbridge.lab;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A fake of the part of Tailscale's API that makes auth keys for an OAuth client: Tailscale's own
 * cannot be run here. The keys that it hands out are real ones of another control server.
 */
public final class FakeTailscaleApi implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final String authKey;
  private final List<String> tokensAskedWith = new CopyOnWriteArrayList<>();
  private final List<JsonObject> keysAskedFor = new CopyOnWriteArrayList<>();

  public FakeTailscaleApi(String authKey) {
    this.authKey = authKey;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/api/v2/oauth/token", this::token);
    server.createContext("/api/v2/tailnet/-/keys", this::key);
    server.setExecutor(threads);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The names and secrets with which tokens were asked for. */
  public List<String> tokensAskedWith() {
    return tokensAskedWith;
  }

  /** The bodies of the requests for auth keys. */
  public List<JsonObject> keysAskedFor() {
    return keysAskedFor;
  }

  private void token(HttpExchange exchange) throws IOException {
    String basic = exchange.getRequestHeaders().getFirst("Authorization");
    byte[] login = Base64.getDecoder().decode(basic.substring("Basic ".length()));
    tokensAskedWith.add(new String(login, StandardCharsets.UTF_8));
    body(exchange);
    answer(
        exchange,
        "{\"access_token\":\"fake-token\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
  }

  private void key(HttpExchange exchange) throws IOException {
    String body = body(exchange);
    if ("Bearer fake-token".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      keysAskedFor.add(JsonParser.parseString(body).getAsJsonObject());
      answer(exchange, "{\"id\":\"k1\",\"key\":\"" + authKey + "\"}");
    } else {
      exchange.sendResponseHeaders(401, -1);
      exchange.close();
    }
  }

  private static String body(HttpExchange exchange) throws IOException {
    return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
