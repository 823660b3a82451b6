package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.tailnet.library.TailnetLibraryException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes in a real sidecar, against the control plane of the lab. */
final class SidecarIT {

  @TempDir private Path folder;
  private final List<String> log = new CopyOnWriteArrayList<>();
  private Lab control;
  private Tailnet sidecar;

  @BeforeEach
  void begin() throws Exception {
    control = Lab.control();
    sidecar = open();
  }

  @AfterEach
  void end() throws Exception {
    sidecar.close(Duration.ofSeconds(10)).get(20, TimeUnit.SECONDS);
    control.close();
  }

  @Test
  void packetsPassBetweenItsNodesAndItEndsWhenItIsClosed() throws Exception {
    TestNode a = start("node-a").awaitReady();
    TestNode b = start("node-b").awaitReady();
    assertThat(a.exchange(b, 5353, "hello b").source().getAddress()).isEqualTo(a.address());
    assertThat(b.exchange(a, 5353, "hello a").source().getAddress()).isEqualTo(b.address());
    assertThat(sidecar.runtimeStats().get(10, TimeUnit.SECONDS).nodes()).isEqualTo(2);
    a.node.stop().get(30, TimeUnit.SECONDS);
    assertThat(sidecar.runtimeStats().get(10, TimeUnit.SECONDS).nodes()).isEqualTo(1);

    ProcessHandle process = process();
    assertThat(process.parent()).contains(ProcessHandle.current());
    assertThat(sidecar.close(Duration.ofSeconds(10)).get(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.isAlive()).isFalse();
    assertThat(b.listener.ends).isEmpty();
    assertThat(sidecar.lost()).isNotDone();
    assertThat(folder.resolve("native/sidecar.sock")).doesNotExist();
  }

  @Test
  void anotherTakesThePlaceOfOneThatIsKilledAndItsNodesKeepTheirAddresses() throws Exception {
    TestNode first = start("greenhouse").awaitReady();
    InetAddress address = first.address();
    long pid = process().pid();
    assertThat(process().destroyForcibly()).isTrue();
    assertThat(sidecar.lost().get(10, TimeUnit.SECONDS))
        .isEqualTo("the sidecar, process " + pid + ", was killed by signal 9");
    await().until(() -> !first.listener.ends.isEmpty());
    assertThat(first.listener.ends.get(0)).contains("killed by signal 9");

    sidecar = open();
    TestNode second = start("greenhouse").awaitReady();
    assertThat(second.address()).isEqualTo(address);
  }

  @Test
  void aCrashOfGoLeavesItsTraceInTheLogAndInTheFile() throws Exception {
    start("greenhouse").awaitReady();
    new ProcessBuilder("kill", "-ABRT", String.valueOf(process().pid())).start().waitFor();
    assertThat(sidecar.lost().get(20, TimeUnit.SECONDS))
        .endsWith("ended with exit code 2, a panic of Go code");
    assertThat(log).anyMatch(line -> line.startsWith("SIGABRT"));
    assertThat(log).hasSizeBetween(30, 70).last().asString().contains("more lines");
    assertThat(Files.readString(folder.resolve("go-crash.log"))).contains("SIGABRT", "goroutine");
  }

  @Test
  void itIsDeafToTheSignalsOfATerminal() throws Exception {
    TestNode node = start("greenhouse").awaitReady();
    for (String signal : List.of("-INT", "-TERM", "-HUP")) {
      new ProcessBuilder("kill", signal, String.valueOf(process().pid())).start().waitFor();
    }
    assertThat(sidecar.runtimeStats().get(10, TimeUnit.SECONDS).nodes()).isEqualTo(1);
    assertThat(node.listener.ends).isEmpty();
  }

  @Test
  void whatItRefusesIsToldInItsOwnWords() {
    TailnetOptions wrong = options().withTestKnobs(Map.of("TS_DISABLE_PORTMAPPER", "perhaps"));
    assertThatThrownBy(() -> Tailnet.openSidecar(wrong, RealLibrary.loop()))
        .isInstanceOf(TailnetLibraryException.class)
        .hasMessage("knob TS_DISABLE_PORTMAPPER=\"perhaps\" is not true or false");
  }

  private Tailnet open() throws TailnetLibraryException {
    return Tailnet.openSidecar(options(), RealLibrary.loop());
  }

  private TailnetOptions options() {
    return TailnetOptions.of(folder.resolve("native"), (node, level, text) -> log(level, text))
        .withLogLevel("error")
        .withTestKnobs(RealLibrary.KNOBS)
        .withCrashFile(folder.resolve("go-crash.log"));
  }

  private void log(LogSink.Level level, String text) {
    if (level == LogSink.Level.ERROR) {
      log.add(text);
    }
  }

  private ProcessHandle process() {
    return ProcessHandle.of(sidecar.childPid().orElseThrow()).orElseThrow();
  }

  private TestNode start(String name) {
    return TestNode.start(
        sidecar, control, folder.resolve("state"), name, Lab.AUTH_KEY, RealLibrary.loop());
  }
}
