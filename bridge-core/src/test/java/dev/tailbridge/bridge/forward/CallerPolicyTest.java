package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.CallerPolicy.Verdict.ALLOWED;
import static dev.tailbridge.bridge.forward.CallerPolicy.Verdict.DENIED;
import static dev.tailbridge.bridge.forward.CallerPolicy.Verdict.PENDING;
import static dev.tailbridge.bridge.forward.CallerPolicy.Verdict.UNKNOWN;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.v4;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.CallerPolicy.Caller;
import dev.tailbridge.bridge.forward.CallerPolicy.Verdict;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The list, the memory and its bounds; a list of questions stands in for the tailnet. */
class CallerPolicyTest {

  private static final InetAddress ADDRESS = v4(CALLER);
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final List<InetAddress> asked = new ArrayList<>();
  private final List<String> denied = new ArrayList<>();
  private long now = Long.MAX_VALUE - SECOND;

  private CallerPolicy policy(String... allow) {
    return new CallerPolicy(
        List.of(allow), (caller, to) -> asked.add(caller), (at, who) -> denied.add(at + " " + who));
  }

  private static Caller user(String login) {
    return new Caller(login, "laptop", List.of());
  }

  private Verdict verdict(CallerPolicy policy, Caller who) {
    policy.judge(ADDRESS, now);
    policy.answered(ADDRESS, who, now);
    return policy.judge(ADDRESS, now);
  }

  @Test
  void usersAreKnownByTheirLoginAndMachinesByTheirTags() {
    String[] allow = {"alice@example.net", "bob@", "tag:ops"};
    assertThat(verdict(policy(allow), user("alice@example.net"))).isEqualTo(ALLOWED);
    assertThat(verdict(policy(allow), user("bob"))).isEqualTo(ALLOWED);
    assertThat(verdict(policy(allow), user("eve@example.net"))).isEqualTo(DENIED);
    assertThat(verdict(policy(allow), user(""))).isEqualTo(DENIED);
    assertThat(verdict(policy(allow), user("tag:ops")))
        .as("no login, but a tag")
        .isEqualTo(ALLOWED);
    assertThat(verdict(policy(allow), tagged("alice@example.net", "tag:web"))).isEqualTo(DENIED);
    assertThat(verdict(policy(allow), tagged("tagged-devices", "tag:web", "tag:ops")))
        .isEqualTo(ALLOWED);
  }

  private static Caller tagged(String login, String... tags) {
    return new Caller(login, "server", List.of(tags));
  }

  @Test
  void anEmptyListLetsNobodyInAndAsksNobody() {
    CallerPolicy policy = policy();
    assertThat(policy.judge(ADDRESS, now)).isEqualTo(DENIED);
    assertThat(asked).isEmpty();
    assertThat(denied).containsExactly(ADDRESS + " null");
  }

  @Test
  void isAskedOnceAndEachDenialIsTold() {
    CallerPolicy policy = policy("alice");
    assertThat(policy.judge(ADDRESS, now)).isEqualTo(PENDING);
    assertThat(policy.judge(ADDRESS, now)).isEqualTo(PENDING);
    policy.answered(ADDRESS, user("bob"), now);
    assertThat(policy.judge(ADDRESS, now)).isEqualTo(DENIED);
    assertThat(policy.judge(ADDRESS, now)).isEqualTo(DENIED);
    assertThat(asked).containsExactly(ADDRESS);
    assertThat(denied).hasSize(2).containsOnly(ADDRESS + " bob (laptop)");
  }

  @Test
  void anAnswerIsGoodForAMinuteOrUntilTheTailnetChanges() {
    CallerPolicy policy = policy("alice");
    assertThat(verdict(policy, user("alice"))).isEqualTo(ALLOWED);
    now += 59 * SECOND;
    assertThat(policy.judge(ADDRESS, now)).isEqualTo(ALLOWED);
    now += SECOND;
    assertThat(verdict(policy, user("alice"))).isEqualTo(ALLOWED);
    policy.tailnetChanged();
    assertThat(policy.judge(ADDRESS, now)).isEqualTo(PENDING);
    assertThat(asked).hasSize(3);
  }

  @Test
  void whoWaitsGoesOnAfterTheAnswerInTheOrderOfComing() {
    CallerPolicy policy = policy("alice");
    List<String> log = new ArrayList<>();
    policy.judge(ADDRESS, now);
    assertThat(policy.await(ADDRESS, waiting(policy, log, "one"))).isTrue();
    assertThat(policy.await(ADDRESS, waiting(policy, log, "two"))).isTrue();
    policy.tailnetChanged();
    assertThat(log).isEmpty();
    policy.answered(ADDRESS, user("alice"), now);
    assertThat(log).containsExactly("one ALLOWED", "two ALLOWED");
    assertThat(policy.waiting()).isZero();
  }

  private CallerPolicy.Waiting waiting(CallerPolicy policy, List<String> log, String name) {
    return new CallerPolicy.Waiting() {
      @Override
      public void decided(long nowNanos) {
        log.add(name + " " + policy.judge(ADDRESS, nowNanos));
      }

      @Override
      public void forgotten() {
        log.add(name + " forgotten");
      }
    };
  }

  @Test
  void noAnswerWithinASecondIsANo() {
    CallerPolicy policy = policy("alice");
    List<String> log = new ArrayList<>();
    policy.judge(ADDRESS, now);
    policy.await(ADDRESS, waiting(policy, log, "one"));
    policy.expire(now + SECOND - 1);
    assertThat(log).isEmpty();
    policy.expire(now + SECOND);
    assertThat(log).containsExactly("one UNKNOWN");
    assertThat(policy.judge(ADDRESS, now + SECOND)).isEqualTo(UNKNOWN);
    assertThat(asked).hasSize(1);

    // A late answer is good for the next call.
    policy.answered(ADDRESS, user("alice"), now + 2 * SECOND);
    assertThat(policy.judge(ADDRESS, now + 2 * SECOND)).isEqualTo(ALLOWED);
    policy.failed(ADDRESS, now + 2 * SECOND);
    assertThat(policy.judge(ADDRESS, now + 2 * SECOND)).isEqualTo(ALLOWED);
  }

  @Test
  void whoCouldNotBeToldIsAskedAboutAgainAfterTwoSeconds() {
    CallerPolicy policy = policy("alice");
    policy.judge(ADDRESS, now);
    policy.failed(ADDRESS, now);
    now += 2 * SECOND - 1;
    assertThat(policy.judge(ADDRESS, now)).isEqualTo(UNKNOWN);
    now++;
    assertThat(policy.judge(ADDRESS, now)).isEqualTo(PENDING);
    assertThat(asked).hasSize(2);
  }

  @Test
  void anAnswerAtOnceIsAVerdictAtOnce() {
    CallerPolicy policy =
        new CallerPolicy(List.of("alice"), (caller, to) -> to.failed(caller, now), (at, who) -> {});
    assertThat(policy.judge(ADDRESS, now)).isEqualTo(UNKNOWN);
  }

  @Test
  void waitingIsBoundedForOneAndForAll() {
    CallerPolicy policy = policy("alice");
    List<String> log = new ArrayList<>();
    int let = 0;
    for (int caller = 0; caller < 40; caller++) {
      InetAddress address = v4("100.64.1." + caller);
      Verdict verdict = policy.judge(address, now);
      assertThat(verdict).isEqualTo(caller < 32 ? PENDING : UNKNOWN);
      for (int i = 0; i < 20 && verdict == PENDING; i++) {
        let += policy.await(address, waiting(policy, log, "x")) ? 1 : 0;
        assertThat(let).isLessThanOrEqualTo(8 * (caller + 1));
      }
    }
    assertThat(let).isEqualTo(64).isEqualTo(policy.waiting());
    policy.clear();
    assertThat(log).hasSize(64).containsOnly("x forgotten");
    assertThat(policy.waiting()).isZero();
  }

  /** More callers than are remembered: the one asked about longest ago is asked about again. */
  @Test
  void theMemoryIsBounded() {
    CallerPolicy policy = policy("alice");
    for (int i = 0; i <= 1024; i++) {
      InetAddress address = v4("100.65." + i / 256 + "." + i % 256);
      policy.judge(address, now);
      policy.answered(address, user("alice"), now);
      policy.judge(v4("100.65.0.1"), now);
    }
    asked.clear();
    assertThat(policy.judge(v4("100.65.0.1"), now)).isEqualTo(ALLOWED);
    assertThat(policy.judge(v4("100.65.4.0"), now)).isEqualTo(ALLOWED);
    assertThat(policy.judge(v4("100.65.0.0"), now)).isEqualTo(PENDING);
    assertThat(asked).containsExactly(v4("100.65.0.0"));
  }
}
