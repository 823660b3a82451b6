package dev.tailbridge.bridge.forward;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who may call a device, by what the tailnet says of a caller's address.
 *
 * <ul>
 *   <li>Asked for the first packet of each flow only. An answer is kept for a minute, and no longer
 *       than the tailnet stays as it is.
 *   <li>Who is not known yet may wait for the answer: at most {@link #WAIT_NANOS}, at most {@value
 *       #WAITING_OF_ONE} of one caller and {@value #WAITING} in all. Without an answer nobody is
 *       let in.
 *   <li>Confined to the device's event loop. Time is monotonic nanoseconds.
 * </ul>
 */
public final class CallerPolicy {

  /** How long a first packet may wait for the answer. */
  public static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  static final int WAITING_OF_ONE = 8;
  static final int WAITING = 64;

  /** Questions at a time: a subnet router may bring packets from any number of addresses. */
  private static final int QUESTIONS = 32;

  private static final int REMEMBERED = 1024;
  private static final long ANSWER_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Until somebody is asked about again who could not be told. */
  private static final long FAILURE_NANOS = TimeUnit.SECONDS.toNanos(2);

  /**
   * Who owns a tailnet address.
   *
   * @param login of its user; empty, or some word for all of them, when it has tags
   * @param node the machine's name
   * @param tags empty for a machine of a user
   */
  public record Caller(String login, String node, List<String> tags) {

    public Caller {
      tags = List.copyOf(tags);
    }

    /** A user or tags, and the machine. */
    @Override
    public String toString() {
      return (tags.isEmpty() ? login : String.join(" ", tags)) + " (" + node + ")";
    }
  }

  /** Knows whose an address is. */
  @FunctionalInterface
  public interface Whois {

    /**
     * Asks; {@link #answered} or {@link #failed} is called once, later or at once. And {@link
     * #expire} is called when {@link #WAIT_NANOS} have passed.
     */
    void ask(InetAddress caller, CallerPolicy answerTo);
  }

  /** Is told of every first packet of somebody who may not call. */
  @FunctionalInterface
  public interface Denials {

    /** Called on the packet path, so it must be cheap; {@code who} is null when nobody may call. */
    void denied(InetAddress address, @Nullable Caller who);
  }

  /** What becomes of the first packet of a flow. */
  public enum Verdict {
    ALLOWED(null),
    DENIED(ForwardDrop.CALLER_DENIED),
    /** Nobody said in time who that is. */
    UNKNOWN(ForwardDrop.CALLER_UNKNOWN),
    /** It may wait, see {@link #await}; else it is lost. */
    PENDING(ForwardDrop.CALLERS_WAITING);

    private final @Nullable ForwardDrop drop;

    Verdict(@Nullable ForwardDrop drop) {
      this.drop = drop;
    }

    /** Why a packet with this verdict goes no further; null when it does. */
    public @Nullable ForwardDrop drop() {
      return drop;
    }
  }

  /** Something that waits until its caller is known. */
  public interface Waiting {

    /** There is a verdict now: to be judged again. */
    void decided(long nowNanos);

    /** There will be none. */
    void forgotten();
  }

  private static final class Answer {
    Verdict verdict = Verdict.PENDING;
    @Nullable Caller who;

    /** When it is no longer good, or is no longer waited for. */
    long untilNanos;

    final List<Waiting> waiting = new ArrayList<>();
  }

  private final Set<String> allow;
  private final Whois whois;
  private final Denials denials;

  /** Asked about longest ago first. */
  private final Map<InetAddress, Answer> answers = new LinkedHashMap<>(16, 0.75f, true);

  private int pending;
  private int waiting;

  /**
   * @param allow logins, and tags with {@code tag:} before them; none for nobody
   */
  public CallerPolicy(List<String> allow, Whois whois, Denials denials) {
    this.allow = allow.stream().map(CallerPolicy::login).collect(Collectors.toUnmodifiableSet());
    this.whois = whois;
    this.denials = denials;
  }

  /** Judges the first packet of a flow, and asks about its caller if need be. */
  public Verdict judge(InetAddress caller, long nowNanos) {
    if (allow.isEmpty()) {
      denials.denied(caller, null);
      return Verdict.DENIED;
    }
    Answer answer = answers.get(caller);
    if (answer != null && answer.verdict != Verdict.PENDING && answer.untilNanos - nowNanos <= 0) {
      answers.remove(caller);
      answer = null;
    }
    if (answer == null) {
      if (pending >= QUESTIONS) {
        return Verdict.UNKNOWN;
      }
      answer = ask(caller, nowNanos);
    }
    if (answer.verdict == Verdict.DENIED) {
      denials.denied(caller, answer.who);
    }
    return answer.verdict;
  }

  private Answer ask(InetAddress caller, long nowNanos) {
    if (answers.size() >= REMEMBERED) {
      forgetEldest();
    }
    Answer answer = new Answer();
    answer.untilNanos = nowNanos + WAIT_NANOS;
    answers.put(caller, answer);
    pending++;
    whois.ask(caller, this);
    return answer;
  }

  private void forgetEldest() {
    // Questions are far fewer than what is remembered, so there is one.
    answers.values().stream()
        .filter(answer -> answer.verdict != Verdict.PENDING)
        .findFirst()
        .ifPresent(eldest -> answers.values().remove(eldest));
  }

  /**
   * Waits for the verdict on a caller that is {@link Verdict#PENDING}.
   *
   * @return false if too many wait already
   */
  public boolean await(InetAddress caller, Waiting packet) {
    Answer answer = answers.get(caller);
    if (answer == null || answer.waiting.size() >= WAITING_OF_ONE || waiting >= WAITING) {
      return false;
    }
    answer.waiting.add(packet);
    waiting++;
    return true;
  }

  /** The tailnet says who that is. */
  public void answered(InetAddress caller, Caller who, long nowNanos) {
    decide(caller, mayCall(who) ? Verdict.ALLOWED : Verdict.DENIED, who, ANSWER_NANOS, nowNanos);
  }

  /** The tailnet does not know who that is, or cannot be asked. */
  public void failed(InetAddress caller, long nowNanos) {
    decide(caller, Verdict.UNKNOWN, null, FAILURE_NANOS, nowNanos);
  }

  /** An answer that comes too late for those who waited is good for those to come. */
  private void decide(
      InetAddress caller, Verdict verdict, @Nullable Caller who, long validNanos, long nowNanos) {
    Answer answer = answers.get(caller);
    if (answer == null || (answer.verdict != Verdict.PENDING && verdict == Verdict.UNKNOWN)) {
      return;
    }
    if (answer.verdict == Verdict.PENDING) {
      pending--;
    }
    answer.verdict = verdict;
    answer.who = who;
    answer.untilNanos = nowNanos + validNanos;
    List<Waiting> decided = List.copyOf(answer.waiting);
    answer.waiting.clear();
    waiting -= decided.size();
    decided.forEach(packet -> packet.decided(nowNanos));
  }

  private boolean mayCall(Caller who) {
    // What a tagged machine has as its login is no person.
    return who.tags().isEmpty()
        ? allow.contains(login(who.login()))
        : who.tags().stream().anyMatch(allow::contains);
  }

  /** Headscale's rules name a local user "alice@", its answers "alice". */
  private static String login(String text) {
    return text.endsWith("@") ? text.substring(0, text.length() - 1) : text;
  }

  /** Gives up on answers that took too long. */
  public void expire(long nowNanos) {
    if (pending == 0) {
      return;
    }
    List<InetAddress> late = new ArrayList<>();
    answers.forEach(
        (caller, answer) -> {
          if (answer.verdict == Verdict.PENDING && answer.untilNanos - nowNanos <= 0) {
            late.add(caller);
          }
        });
    late.forEach(caller -> failed(caller, nowNanos));
  }

  /** The tailnet has changed: who was known may be somebody else now. Who waits still waits. */
  public void tailnetChanged() {
    answers.values().removeIf(answer -> answer.verdict != Verdict.PENDING);
  }

  /** Forgets everybody, those who wait too. */
  public void clear() {
    List<Answer> all = List.copyOf(answers.values());
    answers.clear();
    pending = 0;
    waiting = 0;
    all.forEach(answer -> answer.waiting.forEach(Waiting::forgotten));
  }

  /** How many wait for an answer. */
  int waiting() {
    return waiting;
  }
}
