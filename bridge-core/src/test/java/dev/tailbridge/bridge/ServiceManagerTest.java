package dev.tailbridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.NotifySocket;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manager's side is a socket like systemd's. */
final class ServiceManagerTest {
  @TempDir Path folder;

  private final EpollEventLoopGroup group = new EpollEventLoopGroup(3);
  private final List<EventLoop> loops = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();
  private NotifySocket systemd;

  @BeforeEach
  void takeLoops() {
    group.forEach(loop -> loops.add((EventLoop) loop));
  }

  @AfterEach
  void end() {
    group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  @Test
  void theLifeOfABridge() throws Exception {
    listen(folder.resolve("notify").toString());
    environment.put("NOTIFY_SOCKET", folder.resolve("notify").toString());
    try (ServiceManager manager = ServiceManager.find(environment::get, loops)) {
      manager.ready("3 devices");
      assertThat(systemd.next()).isEqualTo("READY=1\nSTATUS=3 devices");
      manager.reloading();
      assertThat(systemd.next()).matches("RELOADING=1\nMONOTONIC_USEC=\\d+");
    }
    assertThat(systemd.next()).isEqualTo("STOPPING=1");
  }

  @Test
  void aNameInTheAbstractNamespace() throws Exception {
    String name = "tailbridge-test-" + folder.getFileName();
    listen("\0" + name);
    environment.put("NOTIFY_SOCKET", "@" + name);
    try (ServiceManager manager = ServiceManager.find(environment::get, loops)) {
      manager.ready("x");
      assertThat(systemd.next()).isEqualTo("READY=1\nSTATUS=x");
    }
  }

  @Test
  void nobodyIsTold() {
    try (ServiceManager manager = ServiceManager.find(environment::get, loops)) {
      manager.ready("x");
    }
    environment.put("NOTIFY_SOCKET", folder.resolve("nobody").toString());
    try (ServiceManager manager = ServiceManager.find(environment::get, loops)) {
      manager.ready("a manager that is not there does no harm");
    }
    assertThat(Files.exists(folder.resolve("nobody"))).isFalse();
  }

  @Test
  void signsOfLifeComeByThemselves() throws Exception {
    listen(folder.resolve("notify").toString());
    environment.put("NOTIFY_SOCKET", folder.resolve("notify").toString());
    environment.put("WATCHDOG_USEC", "20000");
    environment.put("WATCHDOG_PID", Long.toString(ProcessHandle.current().pid()));
    try (ServiceManager manager = ServiceManager.find(environment::get, loops)) {
      assertThat(List.of(systemd.next(), systemd.next(), systemd.next()))
          .containsOnly("WATCHDOG=1");
      assertThat(manager).isNotNull();
    }
  }

  @Test
  void thereIsNoSignOfLifeWhileOneLoopHangs() throws Exception {
    listen(folder.resolve("notify").toString());
    environment.put("NOTIFY_SOCKET", folder.resolve("notify").toString());
    environment.put("WATCHDOG_USEC", "20000");
    environment.put(
        "WATCHDOG_PID", "1"); // it watches over another process, so none comes by itself
    try (ServiceManager manager = ServiceManager.find(environment::get, loops)) {
      for (EventLoop hanging : loops.subList(1, loops.size())) {
        CountDownLatch released = new CountDownLatch(1);
        hanging.execute(
            () -> {
              try {
                released.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
        loops.get(0).submit(manager::sign).get(30, TimeUnit.SECONDS);
        for (EventLoop other : loops) {
          if (other != hanging) {
            other.submit(() -> {}).get(30, TimeUnit.SECONDS); // whatever can pass it on has done so
          }
        }
        manager.ready("later than the sign");
        assertThat(systemd.next()).startsWith("READY=1");
        released.countDown();
        assertThat(systemd.next()).isEqualTo("WATCHDOG=1");
      }
    }
  }

  private void listen(String path) {
    systemd = new NotifySocket(loops.get(0), path);
  }
}
