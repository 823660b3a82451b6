package dev.tailbridge.bridge.config;

import dev.tailbridge.bridge.config.SecretReader.Found;
import dev.tailbridge.bridge.config.TailnetSection.Mode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one {@code [tailnet.NAME]}, and the auth keys that devices have of their own. */
final class TailnetReader {
  private static final Pattern TAG = Pattern.compile("tag:[A-Za-z][A-Za-z0-9-]*");

  private final SecretReader secrets;

  TailnetReader(SecretReader secrets) {
    this.secrets = secrets;
  }

  TailnetSection tailnet(String name, Table table) {
    try {
      if (DnsLabel.parse(name).equals("none")) {
        throw new BadValueException("\"none\" means no tailnet; choose another name");
      }
    } catch (BadValueException e) {
      table.error(e.problem());
    }
    Mode mode = table.choice("mode", Mode.class, Mode.EMBEDDED);
    URI controlUrl = table.parse("control_url", TailnetReader::controlUrl);
    Secret authKey = authKey(table);
    Found client = secrets.read(table, "oauth_client_secret");
    List<String> tags = table.parseList("tags", TailnetReader::tag);
    if (client != null) {
      if (client.text().startsWith("tskey-") && !client.text().startsWith("tskey-client-")) {
        table.error(
            client.key(),
            "is not an OAuth client secret, which begins with tskey-client-; an auth key goes into"
                + " auth_key_file");
      }
      if (authKey != null) {
        table.error(client.key(), "there is an auth_key too; keep one of the two");
      }
      if (tags == null ? table.ownerOf(List.of("tags")) == null : tags.isEmpty()) {
        table.error(
            client.key(),
            "nodes that an OAuth client makes must have tags; write tags = [\"tag:esp32\"]");
      }
    }
    return new TailnetSection(
        name,
        controlUrl,
        authKey,
        client == null ? null : new Secret(client.text()),
        tags == null ? List.of() : tags,
        apiKey(table),
        mode);
  }

  /** {@code auth_key} of a tailnet or a device, or null when absent or wrong. */
  @Nullable Secret authKey(Table table) {
    Found found = secrets.read(table, "auth_key");
    if (found == null) {
      return null;
    }
    return table.parse(
        found.key(),
        found.text(),
        text -> {
          if (text.startsWith("tskey-client-")) {
            throw new BadValueException(
                "is an OAuth client secret, not an auth key; put it into oauth_client_secret_file"
                    + " of the tailnet");
          }
          if (text.startsWith("tskey-api-") || text.startsWith("hskey-api-")) {
            throw new BadValueException(
                "is an API access token, not an auth key; make an auth key (headscale: preauthkeys"
                    + " create) and put that here");
          }
          return new Secret(text);
        });
  }

  private @Nullable Secret apiKey(Table table) {
    Found found = secrets.read(table, "api_key");
    if (found == null) {
      return null;
    }
    return table.parse(
        found.key(),
        found.text(),
        text -> {
          if (text.startsWith("tskey-auth-")
              || text.startsWith("tskey-client-")
              || text.startsWith("hskey-auth-")) {
            throw new BadValueException(
                "is no API access token, with which nodes are deleted; make one (headscale: apikeys"
                    + " create) and put that here");
          }
          return new Secret(text);
        });
  }

  private static URI controlUrl(String text) throws BadValueException {
    try {
      URI url = new URI(text);
      boolean web =
          "https".equalsIgnoreCase(url.getScheme()) || "http".equalsIgnoreCase(url.getScheme());
      if (web
          && url.getHost() != null
          && url.getUserInfo() == null
          && url.getQuery() == null
          && url.getFragment() == null
          && url.getPort() <= 65535) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Said below, with the remedy.
    }
    throw new BadValueException(
        "is not the address of a control server; write it like \"https://headscale.example.net\","
            + " or remove the key for Tailscale");
  }

  private static String tag(String text) throws BadValueException {
    if (!TAG.matcher(text).matches()) {
      throw new BadValueException(Quote.of(text) + " is not a tag; write it like \"tag:esp32\"");
    }
    return text;
  }
}
