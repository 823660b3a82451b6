package dev.tailbridge.bridge.cli.format;

import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The file of a WireGuard server, {@code wg0.conf}, as {@code wg-quick} reads it.
 *
 * @param privateKey of the server; null when the file has none
 * @param peers in the order of the file
 */
public record WgServerConf(@Nullable PrivateKey privateKey, List<Peer> peers) {
  private static final Pattern SECTION = Pattern.compile("\\[\\s*(\\w+)\\s*\\]");

  public WgServerConf {
    peers = List.copyOf(peers);
  }

  /**
   * One peer.
   *
   * @param line where its section begins; 1 is the first line
   * @param comment what stands above its section, or first in it; empty when nothing does
   * @param allowedIps as they are written
   * @param endpoint as it is written; null for a peer that dials in
   */
  public record Peer(
      int line,
      String comment,
      @Nullable PublicKey publicKey,
      @Nullable PresharedKey presharedKey,
      List<String> allowedIps,
      @Nullable String endpoint) {

    public Peer {
      allowedIps = List.copyOf(allowedIps);
    }

    /** The first host name label in the comment, made one where it is not; empty without any. */
    public String name() {
      String words =
          comment.toLowerCase(Locale.ROOT).replaceAll("\\(.*|###|begin|client:|name\\s*[:=]", "");
      String label = words.strip().replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
      return label.length() > 63 ? label.substring(0, 63).replaceAll("-+$", "") : label;
    }
  }

  /** A line that cannot be understood; the message says which and why, and shows no key. */
  public static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(int line, String problem) {
      super("line " + line + ": " + problem);
    }
  }

  /** Reads the text of such a file. */
  public static WgServerConf parse(String text) throws MalformedException {
    return new Parser().parse(text);
  }

  private static final class Parser {
    private final List<Peer> peers = new ArrayList<>();
    private @Nullable PrivateKey privateKey;
    private String section = "";
    private String above = "";
    private int begins;
    private String comment = "";
    private @Nullable PublicKey publicKey;
    private @Nullable PresharedKey presharedKey;
    private List<String> allowedIps = new ArrayList<>();
    private @Nullable String endpoint;

    WgServerConf parse(String text) throws MalformedException {
      int number = 0;
      for (String raw : text.split("\\R", -1)) {
        number++;
        String line = raw.strip();
        Matcher header = SECTION.matcher(line.replaceFirst("#.*", "").strip());
        if (header.matches()) {
          endSection();
          section = header.group(1).toLowerCase(Locale.ROOT);
          begins = number;
          comment = above;
          above = "";
        } else if (line.startsWith("#")) {
          comment(line.replaceFirst("^#+\\s*", ""));
        } else if (line.isEmpty()) {
          above = "";
        } else {
          keyValue(number, line);
        }
      }
      endSection();
      return new WgServerConf(privateKey, peers);
    }

    private void comment(String words) {
      if (words.startsWith("end ")) {
        return; // of the peer before, as PiVPN writes it
      }
      above = words;
      boolean first = publicKey == null && presharedKey == null && allowedIps.isEmpty();
      if (section.equals("peer") && first && comment.isEmpty()) {
        comment = words;
      }
    }

    private void keyValue(int number, String line) throws MalformedException {
      above = "";
      int equals = line.indexOf('=');
      if (equals < 0) {
        throw new MalformedException(number, "neither a [Section] nor KEY = VALUE");
      }
      String key = line.substring(0, equals).strip().toLowerCase(Locale.ROOT);
      String value = line.substring(equals + 1).replaceFirst("\\s+#.*", "").strip();
      if (section.equals("interface") && key.equals("privatekey")) {
        privateKey = key(number, PrivateKey::fromBase64, value);
      } else if (section.equals("peer")) {
        switch (key) {
          case "publickey" -> publicKey = key(number, PublicKey::fromBase64, value);
          case "presharedkey" -> presharedKey = key(number, PresharedKey::fromBase64, value);
          case "allowedips" -> allowedIps.addAll(List.of(value.split("\\s*,\\s*", -1)));
          case "endpoint" -> endpoint = value;
          default -> {}
        }
      }
    }

    private static <K> K key(int number, Function<String, K> parser, String value)
        throws MalformedException {
      try {
        return parser.apply(value);
      } catch (IllegalArgumentException e) {
        throw new MalformedException(number, String.valueOf(e.getMessage()));
      }
    }

    private void endSection() {
      if (section.equals("peer")) {
        peers.add(new Peer(begins, comment, publicKey, presharedKey, allowedIps, endpoint));
      }
      comment = "";
      publicKey = null;
      presharedKey = null;
      allowedIps = new ArrayList<>();
      endpoint = null;
    }
  }
}
