package dev.tailbridge.bridge.config;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys, tokens and credentials that people mix up, and the exact line that tells them. */
final class BadSecretConfigTest {

  @TempDir Path folder;
  private ConfigText text;

  @BeforeEach
  void prepare() {
    text = new ConfigText(folder);
  }

  @Test
  void tokens() throws Exception {
    text.says(
        "[admin]\nlisten = \"0.0.0.0:8080\"\ntoken = \"0123456789abcde\"\n[tailnet.home]\n",
        "devices.toml:3:1: token in [admin]: is shorter than 16 characters, which can be guessed;"
            + " make one with `openssl rand -hex 32`");
    text.says(
        "[admin]\nlisten = \"0.0.0.0:8080\"\ntoken_file = \"none\"\n[tailnet.home]\n",
        "devices.toml:3:1: token_file in [admin]: none does not exist; make it, or remove the key");
  }

  @Test
  void keysInTheWrongPlace() throws Exception {
    String bridge = ConfigText.BRIDGE_KEY.toBase64();
    text.says(
        "[bridge]\nprivate_key = \""
            + bridge
            + "\"\n[tailnet.home]\n"
            + ConfigText.device("a", bridge, "10.6.0.2")
            + ConfigText.device("b", ConfigText.BRIDGE_KEY.publicKey().toBase64(), "10.6.0.3"),
        "devices.toml:6:1: public_key in [[device]] \"a\": is the bridge's private key; write the"
            + " public key of the device itself",
        "devices.toml:10:1: public_key in [[device]] \"b\": is the bridge's own key; write the public"
            + " key of the device itself");
  }

  @Test
  void secretsThatCannotBeRead() throws Exception {
    text.with("empty.key", "\n", "rw-------");
    text.with("two.key", "one\ntwo\n", "rw-------");
    text.with("big.key", "x".repeat(5000), "rw-------");
    Files.createDirectory(folder.resolve("dir"));
    Files.write(folder.resolve("binary.key"), new byte[] {(byte) 0xff});
    text.environment.put("EMPTY", " ");
    text.says(
        """
        [bridge]
        private_key = "secret"
        private_key_file = "bridge.key"
        [tailnet.a]
        auth_key_file = "absent.key"
        [tailnet.b]
        auth_key_file = "empty.key"
        [tailnet.c]
        auth_key_file = "two.key"
        [tailnet.d]
        auth_key_file = "dir"
        [tailnet.e]
        auth_key_env = "ABSENT"
        [tailnet.f]
        auth_key_env = "EMPTY"
        [tailnet.g]
        auth_key_file = "big.key"
        [tailnet.h]
        auth_key_file = "binary.key"
        [tailnet.i]
        auth_key = ""
        """,
        "devices.toml:3:1: private_key_file in [bridge]: \"private_key\" is there too; keep one of"
            + " private_key, private_key_file",
        "devices.toml:5:1: auth_key_file in [tailnet.a]: absent.key does not exist; make it, or"
            + " remove the key",
        "devices.toml:7:1: auth_key_file in [tailnet.b]: empty.key is empty; put the secret there,"
            + " in one line",
        "devices.toml:9:1: auth_key_file in [tailnet.c]: has white space inside; a secret is one"
            + " word in one line",
        "devices.toml:11:1: auth_key_file in [tailnet.d]: dir is a folder; name the file with the"
            + " secret",
        "devices.toml:13:1: auth_key_env in [tailnet.e]: the environment variable ABSENT is not set;"
            + " set it, or use auth_key_file",
        "devices.toml:15:1: auth_key_env in [tailnet.f]: the environment variable EMPTY is empty;"
            + " put the secret there, in one line",
        "devices.toml:17:1: auth_key_file in [tailnet.g]: big.key is too big for a secret; it should"
            + " hold one line",
        "devices.toml:19:1: auth_key_file in [tailnet.h]: binary.key is not a text file; it should"
            + " hold one line",
        "devices.toml:21:1: auth_key in [tailnet.i]: is empty; put the secret there, in one line");
  }

  @Test
  void credentialsMixedUp() throws Exception {
    text.says(
        """
        [tailnet.a]
        auth_key = "tskey-client-abc"
        [tailnet.b]
        auth_key = "tskey-api-abc"
        [tailnet.c]
        oauth_client_secret = "tskey-auth-abc"
        tags = ["tag:x"]
        [tailnet.d]
        oauth_client_secret = "tskey-client-abc"
        [tailnet.e]
        oauth_client_secret = "tskey-client-abc"
        auth_key = "tskey-auth-abc"
        tags = ["esp32"]
        [tailnet.f]
        api_key = "hskey-auth-abc"
        """,
        "devices.toml:2:1: auth_key in [tailnet.a]: is an OAuth client secret, not an auth key; put"
            + " it into oauth_client_secret_file of the tailnet",
        "devices.toml:4:1: auth_key in [tailnet.b]: is an API access token, not an auth key; make an"
            + " auth key (headscale: preauthkeys create) and put that here",
        "devices.toml:6:1: oauth_client_secret in [tailnet.c]: is not an OAuth client secret, which"
            + " begins with tskey-client-; an auth key goes into auth_key_file",
        "devices.toml:9:1: oauth_client_secret in [tailnet.d]: nodes that an OAuth client makes must"
            + " have tags; write tags = [\"tag:esp32\"]",
        "devices.toml:11:1: oauth_client_secret in [tailnet.e]: there is an auth_key too; keep one"
            + " of the two",
        "devices.toml:13:1: tags in [tailnet.e]: \"esp32\" is not a tag; write it like"
            + " \"tag:esp32\"",
        "devices.toml:15:1: api_key in [tailnet.f]: is no API access token, with which nodes are"
            + " deleted; make one (headscale: apikeys create) and put that here");
  }
}
