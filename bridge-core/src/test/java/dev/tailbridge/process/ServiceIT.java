package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.BridgeRun;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.NotifySocket;
import dev.tailbridge.lab.SideBySide;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a service manager and a container's health check hear from a bridge. */
@SideBySide
class ServiceIT {

  @TempDir Path folder;

  @Test
  void systemdIsToldOfStartReloadAndEnd() throws Exception {
    EpollEventLoopGroup group = new EpollEventLoopGroup(1);
    Path path = folder.resolve("notify");
    try {
      NotifySocket systemd = new NotifySocket(group.next(), path.toString());
      BridgeFiles files =
          new BridgeFiles(folder).device(new LabDevice("greenhouse", "10.6.0.2"), "none");
      Map<String, String> environment =
          Map.of("NOTIFY_SOCKET", path.toString(), "WATCHDOG_USEC", "200000");
      try (BridgeProcess bridge = BridgeProcess.start(files, environment)) {
        assertThat(systemd.news()).isEqualTo("READY=1\nSTATUS=1 devices");
        assertThat(healthz(files, "--ready")).isEqualTo(new BridgeRun(0, "ready\n"));
        assertThat(systemd.next()).isEqualTo("WATCHDOG=1");

        new ProcessBuilder("kill", "-HUP", Long.toString(bridge.process().pid())).start().waitFor();
        assertThat(systemd.news()).startsWith("RELOADING=1\nMONOTONIC_USEC=");
        assertThat(systemd.news()).startsWith("READY=1");
        assertThat(bridge.terminate(Duration.ofSeconds(30))).isEqualTo(143);
        assertThat(systemd.news()).isEqualTo("STOPPING=1");
      }
      assertThat(healthz(files).code()).as("nobody is there").isEqualTo(4);
    } finally {
      group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
  }

  private static BridgeRun healthz(BridgeFiles files, String... more) {
    List<String> words = new ArrayList<>(List.of("healthz", "--config"));
    words.add(files.folder().resolve("devices.toml").toString());
    words.addAll(List.of(more));
    return BridgeRun.of(Binaries.bridgeJar(), words);
  }
}
