package dev.tailbridge.bridge.admin;

import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;

/**
 * The token that clients of the API must bear. Only its hash is kept, and hashes are what is
 * compared, so that the time an answer takes tells neither its length nor its beginning.
 */
public final class Token {
  private static final String SCHEME = "bearer ";

  private final byte[] hash;

  public Token(String text) {
    this.hash = hash(text);
  }

  /** Whether the request's one {@code Authorization} header bears it. */
  boolean isBorneBy(HttpExchange exchange) {
    List<String> given = exchange.getRequestHeaders().getOrDefault("Authorization", List.of());
    return given.size() == 1
        && given.get(0).toLowerCase(Locale.ROOT).startsWith(SCHEME)
        && MessageDigest.isEqual(hash, hash(given.get(0).substring(SCHEME.length()).strip()));
  }

  private static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
