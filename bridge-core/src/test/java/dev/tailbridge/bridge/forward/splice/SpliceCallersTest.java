package dev.tailbridge.bridge.forward.splice;

import static dev.tailbridge.ip.TestPacket.ACK;
import static dev.tailbridge.ip.TestPacket.RST;
import static dev.tailbridge.ip.TestPacket.SYN;
import static dev.tailbridge.ip.TestPacket.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.CallerPolicy;
import dev.tailbridge.bridge.forward.CallerPolicy.Caller;
import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.channel.ChannelFuture;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who may call, where TCP is spliced; the tailnet's answers come after a while, or never. */
@ExtendWith(NoBufferLeaks.class)
class SpliceCallersTest {

  private static final Duration SOON = Duration.ofSeconds(1);

  private final SpliceBench.Setup setup = new SpliceBench.Setup();
  private final List<InetAddress> asked = new ArrayList<>();
  private SpliceBench bench;

  private void start(String login, Duration answerAfter) {
    setup.callers =
        new CallerPolicy(
            List.of("alice"),
            (caller, policy) -> {
              asked.add(caller);
              later(
                  answerAfter,
                  () ->
                      policy.answered(
                          caller, new Caller(login, "laptop", List.of()), bench.time.nanoTime()));
              later(SOON, () -> policy.expire(bench.time.nanoTime()));
            },
            (at, who) -> {});
    bench = setup.start();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The task cannot fail.
  private void later(Duration time, Runnable task) {
    bench
        .time
        .eventLoop()
        .schedule(
            () -> {
              task.run();
              bench.splices.batchComplete();
            },
            time.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  @Test
  void whoMayCallIsConnectedAfterTheAnswer() {
    for (InetAddress node : new InetAddress[] {SpliceBench.NODE, SpliceBench.NODE6}) {
      start("alice", Duration.ofMillis(200));
      List<End> served = End.serve(bench.device, 80);
      ChannelFuture call = End.call(bench.caller, node, 80, new End());
      bench.time.pass(Duration.ofMillis(150));
      assertThat(served).isEmpty();
      assertThat(bench.time.runUntil(call::isSuccess, SOON)).isTrue();
      ChannelFuture second = End.call(bench.caller, node, 80, new End());
      assertThat(bench.time.runUntil(second::isSuccess, Duration.ofMillis(100)))
          .as("known by now")
          .isTrue();
      assertThat(asked).hasSize(1);
      assertThat(bench.drops).isEmpty();
      bench.close();
      asked.clear();
    }
  }

  @Test
  void whoMayNotCallMeetsSilence() {
    start("bob", Duration.ofMillis(50));
    List<End> served = End.serve(bench.device, 80);
    ChannelFuture call = End.call(bench.caller, SpliceBench.NODE, 80, new End());
    bench.time.pass(Duration.ofMillis(900));
    assertThat(call.isDone()).as("neither accepted nor refused").isFalse();
    assertThat(served).isEmpty();
    assertThat(bench.drops).containsExactly(ForwardDrop.CALLER_DENIED);
    bench.assertNothingOpen();
    bench.close();
  }

  @Test
  void withoutAnAnswerNobodyIsLetIn() {
    start("alice", Duration.ofHours(1));
    List<End> served = End.serve(bench.device, 80);
    ChannelFuture call = End.call(bench.caller, SpliceBench.NODE, 80, new End());
    bench.time.pass(Duration.ofMillis(1005));
    assertThat(bench.drops).isEmpty();
    bench.time.pass(Duration.ofMillis(10));
    assertThat(bench.drops).isNotEmpty().containsOnly(ForwardDrop.CALLER_UNKNOWN);
    bench.time.pass(SOON);
    assertThat(call.isDone()).isFalse();
    assertThat(served).isEmpty();
    bench.close();
  }

  /** What the caller has given up must not reach the device. */
  @Test
  void aCallerWhoGivesUpWhileItWaitsIsForgotten() {
    start("alice", Duration.ofMillis(500));
    List<End> served = End.serve(bench.device, 80);
    bench.fromCaller(tcp("100.64.0.7", 4000, "100.64.0.3", 80, SYN).sequence(1000));
    assertThat(asked).hasSize(1);
    bench.fromCaller(tcp("100.64.0.7", 4000, "100.64.0.3", 80, RST).sequence(1001));
    bench.time.pass(Duration.ofSeconds(2));
    assertThat(served).isEmpty();
    bench.assertNothingOpen();
    bench.close();
  }

  /** Not even that there is a machine. */
  @Test
  void whoMayNotCallHearsNothingOfAConnectionThatIsNot() {
    for (String login : new String[] {"alice", "bob"}) {
      start(login, Duration.ofMillis(50));
      TestPacket stray = tcp("100.64.0.7", 4000, "100.64.0.3", 80, ACK);
      bench.fromCaller(stray);
      assertThat(bench.drops).containsExactly(ForwardDrop.CALLERS_WAITING);
      bench.time.pass(Duration.ofMillis(100));
      bench.fromCaller(stray);
      assertThat(bench.forwarder.stats().toNodePackets()).isEqualTo(login.equals("alice") ? 1 : 0);
      bench.close();
    }
  }
}
