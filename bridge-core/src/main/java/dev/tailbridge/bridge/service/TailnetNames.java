package dev.tailbridge.bridge.service;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Names as the device's own node sees them: machines that it may see, and whatever name servers its
 * tailnet has. A name without a dot is one of the tailnet.
 */
final class TailnetNames implements NameSource {

  /** A chip asks again after one, two and three seconds, and gives up. */
  static final Duration PATIENCE = Duration.ofSeconds(4);

  /** Of those that Tailscale can ask for. */
  private static final Set<DnsRecordType> TYPES =
      Set.of(
          DnsRecordType.A,
          DnsRecordType.AAAA,
          DnsRecordType.CNAME,
          DnsRecordType.PTR,
          DnsRecordType.SRV,
          DnsRecordType.TXT);

  /** The reverse zone of fd7a:115c:a1e0::/48, where all tailnets have their IPv6 addresses. */
  private static final String REVERSE_IPV6 = ".0.e.1.a.c.5.1.1.a.7.d.f.ip6.arpa.";

  private static final String REVERSE_IPV4 = ".100.in-addr.arpa.";

  private final DnsNode node;
  private final EventLoop loop;

  TailnetNames(DnsNode node, EventLoop loop) {
    this.node = node;
    this.loop = loop;
  }

  /** Whether nobody but the tailnet can know a name, so that nobody else should be asked. */
  boolean isOwn(String name) {
    String domain = domain();
    String lower = name.toLowerCase(Locale.ROOT);
    return isShort(lower)
        || (domain != null && (lower.equals(domain) || lower.endsWith("." + domain)))
        || lower.endsWith(REVERSE_IPV6)
        || isReverseIpv4(lower);
  }

  /** Of 100.64.0.0/10. */
  private static boolean isReverseIpv4(String lower) {
    if (!lower.endsWith(REVERSE_IPV4)) {
      return false;
    }
    String before = lower.substring(0, lower.length() - REVERSE_IPV4.length());
    String second = before.substring(before.lastIndexOf('.') + 1);
    return second.matches("\\d{2,3}")
        && Integer.parseInt(second) >= 64
        && Integer.parseInt(second) < 128;
  }

  private static boolean isShort(String name) {
    return name.length() > 1 && name.indexOf('.') == name.length() - 1;
  }

  /**
   * Of the node's own name what follows the first dot, with a dot at its end; null while it has
   * none.
   */
  private @Nullable String domain() {
    String own = node.dnsName();
    int dot = own.indexOf('.');
    if (dot < 0 || dot == own.length() - 1) {
      return null;
    }
    String domain = own.substring(dot + 1).toLowerCase(Locale.ROOT);
    return domain.endsWith(".") ? domain : domain + ".";
  }

  @Override
  public void ask(DnsQuestion question, Consumer<NameAnswer> answer) {
    String domain = domain();
    if (domain == null) {
      answer.accept(NameAnswer.FAILED);
      return;
    }
    String name = question.name();
    boolean own = isOwn(name);
    if (!TYPES.contains(question.type())) {
      // Machines have no other records.
      answer.accept(own ? NameAnswer.of(DnsResponseCode.NOERROR) : NameAnswer.REFUSED);
      return;
    }
    String full = isShort(name) ? name + domain : name;
    CompletableFuture<byte[]> asked = node.query(full, question.type().name());
    Once once = new Once(answer);
    var timeout =
        loop.schedule(
            () -> once.accept(NameAnswer.FAILED),
            (own ? PATIENCE : PATIENCE.dividedBy(2)).toMillis(),
            TimeUnit.MILLISECONDS);
    var unused =
        asked.whenCompleteAsync(
            (message, failure) -> {
              timeout.cancel(false);
              once.accept(
                  failure != null
                      ? NameAnswer.FAILED
                      : answer(NameAnswer.read(message), own).renamed(full, name));
            },
            loop);
  }

  /** Of other names SERVFAIL means that the tailnet has no name server for them. */
  private static NameAnswer answer(NameAnswer said, boolean own) {
    return own || said.isAboutTheName() ? said : NameAnswer.REFUSED;
  }

  /** The answer or the end of patience, whichever comes first. */
  private static final class Once implements Consumer<NameAnswer> {
    private final Consumer<NameAnswer> to;
    private boolean done;

    Once(Consumer<NameAnswer> to) {
      this.to = to;
    }

    @Override
    public void accept(NameAnswer answer) {
      if (!done) {
        done = true;
        to.accept(answer);
      }
    }
  }
}
