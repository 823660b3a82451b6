package dev.tailbridge.tailnet.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NoexecMountsTest {

  private static final List<String> MOUNTINFO =
      List.of(
          "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw",
          "30 22 0:25 / /tmp rw,nosuid,nodev,noexec shared:2 - tmpfs tmpfs rw",
          "31 30 0:26 / /tmp/inner rw,relatime shared:3 - tmpfs tmpfs rw",
          "32 22 0:27 / /mnt/my\\040disk rw,noexec - vfat /dev/sdb1 rw",
          "33 22 0:28 / /data rw,noexec - ext4 /dev/sdc1 rw",
          "34 33 0:29 / /data rw - ext4 /dev/sdd1 rw",
          "garbage");

  @Test
  void theDeepestMountDecides() {
    assertThat(over("/var/lib/bridge")).isEmpty();
    assertThat(over("/tmp/state/native")).contains("/tmp");
    assertThat(over("/tmp/inner/native")).isEmpty();
    assertThat(over("/tmpfiles")).as("a name that only begins alike").isEmpty();
    assertThat(over("/mnt/my disk/x")).contains("/mnt/my disk");
    assertThat(over("/data/x")).as("the mount on top").isEmpty();
  }

  @Test
  void theMessageNamesDirectoryMountAndRemedy() {
    assertThat(NoexecMounts.message(Path.of("/tmp/state/native"), "/tmp"))
        .startsWith("/tmp/state/native: ")
        .contains("/tmp is mounted with the option noexec")
        .contains("state_dir");
  }

  private static Optional<String> over(String directory) {
    return NoexecMounts.noexecMountOf(Path.of(directory), MOUNTINFO);
  }
}
