package dev.tailbridge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What several files say, they say alike. */
class DeploymentFilesTest {

  @Test
  void theOptionsOfTheJvmAreTheSameEverywhere() throws Exception {
    String options = String.join(" ", new Dockerfile().jvmOptions());
    assertThat(options).isEqualTo("-XX:+UseSerialGC -Xms32m -Xmn16m -Xmx256m");
    for (String file :
        List.of("README.md", "docs/install.md", "deploy/systemd/tailbridge.service")) {
      assertThat(Files.readString(Tool.DEPLOY.resolve("..").resolve(file)))
          .as(file)
          .contains(options);
    }
  }

  @Test
  void theImageRunsAsNobodyWithStateInOneFolder() throws Exception {
    Dockerfile image = new Dockerfile();
    assertThat(image.value("USER")).isEqualTo("65532:65532");
    assertThat(image.value("WORKDIR")).isEqualTo(image.value("VOLUME")).isEqualTo("/data");
    assertThat(image.value("EXPOSE")).contains("51820/udp");
    assertThat(image.words("CMD")).endsWith("-jar", "/app/bridge.jar", "healthz");
    assertThat(image.words("ENTRYPOINT")).endsWith("-jar", "/app/bridge.jar");
  }

  @Test
  void composeTakesEveryPrivilegeAway() throws Exception {
    String compose = Files.readString(Tool.DEPLOY.resolve("container/compose.yaml"));
    assertThat(compose)
        .contains("user: \"65532:65532\"")
        .contains("read_only: true")
        .contains("cap_drop: [ALL]")
        .contains("no-new-privileges:true")
        .contains("51820:51820/udp")
        .contains("- data:/data");
  }
}
