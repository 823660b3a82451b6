package dev.tailbridge.bridge.device;

import dev.tailbridge.bridge.forward.CallerPolicy.Caller;
import dev.tailbridge.tailnet.NodeState;
import dev.tailbridge.tailnet.NodeStatus;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What the log says of one device.
 *
 * <ul>
 *   <li>Changes are logged when they happen; what may happen per packet is limited to one line a
 *       minute and cause, which says how often it happened since the last.
 *   <li>Confined to the device's event loop.
 * </ul>
 */
final class DeviceLog {

  private static final Logger LOG = LoggerFactory.getLogger("device");

  private final String device;
  private final LogLimit limit = new LogLimit();
  private long handshakes;

  DeviceLog(String device) {
    this.device = device;
  }

  /** Something happened that may happen often. */
  void limited(String cause, Supplier<String> text) {
    long suppressed = limit.pass(cause, System.nanoTime());
    if (suppressed != LogLimit.SUPPRESSED) {
      say(
          Level.WARN,
          suppressed == 0
              ? text.get()
              : text.get() + " (and " + suppressed + " more since the last line)");
    }
  }

  /** A session began: the first is news, the rekeying every two minutes is not. */
  void handshake(@Nullable InetSocketAddress endpoint) {
    if (handshakes++ == 0 && endpoint != null) {
      say(
          Level.INFO,
          "connected from " + endpoint.getAddress().getHostAddress() + ":" + endpoint.getPort());
    } else {
      say(Level.DEBUG, "new session");
    }
  }

  /** Somebody called who may not; nobody may when {@code who} is null. */
  void denied(InetAddress address, @Nullable Caller who) {
    limited(
        who == null ? "denied" : "denied " + who,
        () ->
            "denied "
                + (who == null ? "" : who + " at ")
                + address.getHostAddress()
                + (who == null
                    ? ": its allow is empty, so nobody may call"
                    : ": not in its allow"));
  }

  void nodeChanged(@Nullable NodeStatus before, NodeStatus now) {
    if (!now.error().isEmpty() && (before == null || !now.error().equals(before.error()))) {
      say(Level.WARN, "tailnet node: " + now.error());
    }
    if (!now.authUrl().isEmpty() && (before == null || !now.authUrl().equals(before.authUrl()))) {
      say(Level.WARN, "somebody must log its node in at " + now.authUrl());
    }
    String wasUpAs = upAs(before);
    String isUpAs = upAs(now);
    if (!isUpAs.isEmpty() && !isUpAs.equals(wasUpAs)) {
      say(Level.INFO, "is " + isUpAs + " in the tailnet");
    } else if (now.state() == NodeState.STOPPED && !wasUpAs.isEmpty()) {
      say(Level.INFO, "is away, so its node is offline in the tailnet until it is heard again");
    } else if (isUpAs.isEmpty() && !wasUpAs.isEmpty()) {
      say(Level.WARN, "left the tailnet: its node is in state " + now.state());
    }
  }

  /** Something that happens seldom, and that somebody can mend. */
  void warn(String text) {
    say(Level.WARN, text);
  }

  void nodeEnded(String reason, long nextTryMillis) {
    long seconds = Math.max(1, nextTryMillis / 1000);
    say(Level.WARN, "tailnet node ended: " + reason + "; starts again in " + seconds + " s");
  }

  private void say(Level level, String text) {
    LOG.atLevel(level).addKeyValue("device", device).log(text);
  }

  /** Name and addresses of a node that is up; empty for one that is not. */
  private static String upAs(@Nullable NodeStatus status) {
    if (status == null || status.state() != NodeState.RUNNING || status.addresses().isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder(status.dnsName());
    status.addresses().forEach(address -> text.append(' ').append(address.getHostAddress()));
    return text.toString();
  }
}
