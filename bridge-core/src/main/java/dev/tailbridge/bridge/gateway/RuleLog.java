package dev.tailbridge.bridge.gateway;

import dev.tailbridge.bridge.device.LogLimit;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one rule has to say; of what callers bring about, a line a minute and cause. Any thread. */
final class RuleLog {

  private static final Logger LOG = LoggerFactory.getLogger("gateway");

  private final String rule;
  private final LogLimit limit = new LogLimit();

  RuleLog(String rule) {
    this.rule = rule;
  }

  void begins() {
    LOG.info("{}", rule);
  }

  void ends(Traffic.Snapshot traffic) {
    LOG.info(
        "{} has ended: connections {}, refused {}, not passed on {}, bytes to the target {}, from it"
            + " {}",
        rule,
        traffic.opened(),
        traffic.refused(),
        traffic.failed(),
        traffic.bytesToTarget(),
        traffic.bytesFromTarget());
  }

  /** A caller could not be passed on. */
  void failed(InetSocketAddress caller, Throwable why) {
    String reason = why.getMessage() == null ? why.getClass().getSimpleName() : why.getMessage();
    say("failed", caller, "was not passed on: " + reason);
  }

  /** Somebody came, and the rule has as many connections as it may. */
  void full(InetSocketAddress caller, int most) {
    say("full", caller, "was refused: there are " + most + " already, as max_connections says");
  }

  /** A datagram for a caller, or of one, does not fit into the tunnel. */
  void tooBig(InetSocketAddress caller, int bytes) {
    say(
        "big",
        caller,
        "lost a datagram of " + bytes + " bytes: the tunnel carries no more than one packet");
  }

  private void say(String cause, InetSocketAddress caller, String what) {
    long suppressed = limit.pass(cause, System.nanoTime());
    if (suppressed != LogLimit.SUPPRESSED) {
      LOG.warn(
          "{}: {} {}{}",
          rule,
          text(caller),
          what,
          suppressed == 0 ? "" : " (and " + suppressed + " others since the last line)");
    }
  }

  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
