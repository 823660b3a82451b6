package dev.tailbridge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SystemdUnitTest {
  private static final String UNIT = "systemd/tailbridge.service";

  /** In tenths: 1.5 and less is well shut off. */
  private static final String MOST_EXPOSED = "15";

  @Test
  void systemdFindsItWellShutOff() throws Exception {
    assertThat(
            Tool.output(
                "systemd-analyze",
                "security",
                "--offline=true",
                "--no-pager",
                "--threshold=" + MOST_EXPOSED,
                UNIT))
        .contains("Overall exposure level");
  }

  @Test
  void systemdUnderstandsEveryLine() throws Exception {
    Path here = Files.createTempDirectory("tb");
    Path copy = here.resolve("tailbridge.service");
    // It looks for the program too, which is not everybody's Java.
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Files.writeString(
        copy, Files.readString(Tool.DEPLOY.resolve(UNIT)).replace("/usr/bin/java", java));
    assertThat(Tool.output("systemd-analyze", "verify", "--man=no", copy.toString())).isEmpty();
    Files.delete(copy);
    Files.delete(here);
  }

  @Test
  void theCommandIsValidShell() throws Exception {
    assertThat(Tool.output("sh", "-n", "systemd/bridge")).isEmpty();
  }
}
