package dev.tailbridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.tailnet.Tailnet;
import dev.tailbridge.tailnet.TailnetOptions;
import dev.tailbridge.tailnet.library.TailnetLibraryException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real sidecars, which are killed. */
class SidecarRestartIT {

  private final EventLoopGroup group = new EpollEventLoopGroup(1);
  @TempDir Path folder;
  private final AtomicInteger failures = new AtomicInteger();

  @AfterEach
  void end() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void anotherTakesItsPlaceEvenIfItDoesNotStartAtOnce() throws Exception {
    Sidecar sidecar = new Sidecar(this::open);
    long first = sidecar.current().childPid().orElseThrow();
    CompletableFuture<Void> ready = sidecar.ready();
    assertThat(ready).isDone();
    failures.set(1);
    ProcessHandle.of(first).orElseThrow().destroyForcibly();
    // On a busy machine the next one may be there before anybody looked.
    await().until(() -> !sidecar.ready().isDone() || sidecar.restarts() == 1);
    sidecar.ready().get(20, TimeUnit.SECONDS);
    assertThat(failures).hasValue(0);
    assertThat(sidecar.restarts()).isEqualTo(1);
    long second = sidecar.current().childPid().orElseThrow();
    assertThat(second).isNotEqualTo(first);
    assertThat(sidecar.close(Duration.ofSeconds(5)).get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(ProcessHandle.of(second).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(sidecar.restarts()).as("after its close").isEqualTo(1);
  }

  @Test
  void oneThatDoesNotRunAtAllIsToldAtOnce() {
    failures.set(1);
    assertThatThrownBy(() -> new Sidecar(this::open)).hasMessage("no memory");
  }

  private Tailnet open() throws TailnetLibraryException {
    if (failures.getAndSet(0) > 0) {
      throw new TailnetLibraryException("no memory");
    }
    return Tailnet.openSidecar(TailnetOptions.of(folder, (node, level, text) -> {}), group.next());
  }
}
