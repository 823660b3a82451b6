package dev.tailbridge.tailnet;

import com.google.gson.JsonObject;
import dev.tailbridge.tailnet.control.ControlConnection;
import dev.tailbridge.tailnet.control.Json;
import dev.tailbridge.tailnet.control.RequestType;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What may be asked of one node, and asked for.
 *
 * <p>Thread-safe. Each future completes on the control loop: with the answer, or failed when Go
 * says no, the node is over, or nothing came within the deadline, ten seconds where it does not
 * say.
 */
public final class NodeQuestions {

  private static final Duration ASK_DEADLINE = Duration.ofSeconds(10);

  /** A certificate authority takes its time. */
  private static final Duration CERTIFICATE_DEADLINE = Duration.ofMinutes(2);

  private final ControlConnection control;
  private final int number;
  private final String name;

  /**
   * @param number the node's
   * @param name for messages
   */
  NodeQuestions(ControlConnection control, int number, String name) {
    this.control = control;
    this.number = number;
    this.name = name;
  }

  /**
   * Asks who owns a caller's address.
   *
   * @param protocol {@code tcp} or {@code udp}
   */
  public CompletableFuture<Whois> whois(String protocol, InetSocketAddress address) {
    JsonObject body = body();
    body.addProperty("proto", protocol);
    body.addProperty("addr", NetUtil.toSocketAddressString(address));
    return ask(RequestType.WHOIS, body, Whois::read);
  }

  /** Pings a machine of the tailnet. */
  public CompletableFuture<Ping> ping(InetAddress address, Ping.Type type) {
    JsonObject body = body();
    body.addProperty("ip", NetUtil.toAddressString(address));
    body.addProperty("type", type.word());
    return ask(RequestType.PING, body, Ping::read);
  }

  /**
   * Resolves a name as this node sees it.
   *
   * @param type a record type such as {@code A}
   * @return the DNS message of the answer (RFC 1035 4)
   */
  public CompletableFuture<byte[]> queryDns(String host, String type) {
    JsonObject body = body();
    body.addProperty("name", host);
    body.addProperty("type", type);
    return ask(
        RequestType.QUERY_DNS,
        body,
        answer -> Base64.getDecoder().decode(Json.string(answer, "answer")));
  }

  /**
   * Logs the node out. Ephemeral machines vanish; others stay listed, with an expired key, until
   * somebody deletes them at the control server.
   */
  public CompletableFuture<Void> logout() {
    return run(RequestType.LOGOUT, body());
  }

  /** Switches the node off or on in the tailnet; its identity stays. Each switch reaches peers. */
  public CompletableFuture<Void> setWantRunning(boolean wantRunning) {
    JsonObject body = body();
    body.addProperty("wantRunning", wantRunning);
    return run(RequestType.SET_WANT_RUNNING, body);
  }

  /** Obtains a certificate for one of the node's names; up to two minutes. */
  public CompletableFuture<Certificate> certificate(String domain) {
    JsonObject body = body();
    body.addProperty("domain", domain);
    return control.ask(
        RequestType.CERTIFICATE, name, body, CERTIFICATE_DEADLINE, Certificate::read);
  }

  /** Lists the machines that this node sees. */
  public CompletableFuture<List<TailnetPeer>> peers() {
    return ask(RequestType.STATUS, body(), StatusReader::peers);
  }

  /** What every request about this node begins with. */
  JsonObject body() {
    JsonObject body = new JsonObject();
    body.addProperty("node", number);
    return body;
  }

  private <T> CompletableFuture<T> ask(
      RequestType type, JsonObject body, Function<JsonObject, T> read) {
    return control.ask(type, name, body, ASK_DEADLINE, read);
  }

  // NullAway takes the null of a Void for a missing value.
  @SuppressWarnings("NullAway")
  private CompletableFuture<Void> run(RequestType type, JsonObject body) {
    return ask(type, body, answer -> null);
  }
}
