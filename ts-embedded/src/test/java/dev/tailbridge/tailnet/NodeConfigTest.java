package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NodeConfigTest {

  @Test
  void secretsDoNotShow() {
    for (Credential credential :
        List.of(new Credential.AuthKey("hunter2"), new Credential.ClientSecret("hunter2"))) {
      assertThat(config("n", "n", credential, List.of("tag:a")).toString())
          .doesNotContain("hunter2");
    }
    assertThat(new Certificate("chain", "hunter2").toString()).doesNotContain("hunter2");
  }

  @Test
  void whatCannotWorkIsRefused() {
    assertThatThrownBy(() -> new Credential.AuthKey(" ")).hasMessageContaining("auth key is empty");
    assertThatThrownBy(() -> config("", "n", Credential.none(), List.of()))
        .hasMessageContaining("name");
    assertThatThrownBy(() -> config("n", "n", new Credential.ClientSecret("s"), List.of()))
        .hasMessageContaining("give tags");
    assertThatThrownBy(
            () ->
                TailnetOptions.of(Path.of("native"), (node, level, text) -> {})
                    .withLogLevel("loud"))
        .hasMessageContaining("use info or error");
  }

  private static NodeConfig config(
      String name, String hostname, Credential credential, List<String> tags) {
    return new NodeConfig(name, Path.of("dir"), hostname, null, credential, tags, false);
  }
}
