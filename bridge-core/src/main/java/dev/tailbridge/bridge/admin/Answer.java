package dev.tailbridge.bridge.admin;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One HTTP answer. */
record Answer(int status, String contentType, String body) implements Reply {
  private static final String PROBLEM_JSON = "application/problem+json";
  private static final String OTHERS_MAY = "default-src 'none'; frame-ancestors 'none'";

  /** The page loads its own files and asks its own server; nothing in its text is run. */
  private static final String PAGE_MAY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  static Answer text(int status, String line) {
    return new Answer(status, "text/plain; charset=utf-8", line + "\n");
  }

  /** Parts that are null are left out. */
  static Answer json(Object view) {
    return new Answer(200, "application/json", GSON.toJson(view) + "\n");
  }

  /**
   * A problem document (RFC 9457).
   *
   * @param type stable, for programs
   * @param detail what happened and what to do, for people
   */
  static Answer problem(int status, String type, String detail) {
    Problem problem = new Problem("urn:tailbridge:" + type, title(status), status, detail);
    return new Answer(status, PROBLEM_JSON, GSON.toJson(problem) + "\n");
  }

  /** A problem document about a configuration, with a line for each thing that is wrong. */
  static Answer invalid(String detail, List<String> problems) {
    ConfigProblem problem =
        new ConfigProblem(
            "urn:tailbridge:invalid-configuration", title(422), 422, detail, problems);
    return new Answer(422, PROBLEM_JSON, GSON.toJson(problem) + "\n");
  }

  private record Problem(String type, String title, int status, String detail) {}

  private record ConfigProblem(
      String type, String title, int status, String detail, List<String> problems) {}

  @Override
  public void send(HttpExchange exchange) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", contentType);
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set(
        "Content-Security-Policy", contentType.startsWith("text/html") ? PAGE_MAY : OTHERS_MAY);
    if (status == 405) {
      headers.set("Allow", "GET, HEAD, POST, DELETE");
    }
    if (status == 401) {
      headers.set("WWW-Authenticate", "Bearer");
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", String.valueOf(bytes.length));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 409 -> "Conflict";
      case 413 -> "Content Too Large";
      case 421 -> "Misdirected Request";
      case 422 -> "Unprocessable Content";
      case 503 -> "Service Unavailable";
      default -> "Internal Server Error";
    };
  }
}
