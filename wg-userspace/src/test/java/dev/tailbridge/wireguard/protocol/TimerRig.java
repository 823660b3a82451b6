package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.testing.BadWire.Datagram;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** A pair in session, and what each of them sends as its timers run. */
final class TimerRig {
  /** The most by which an initiation comes late. */
  static final Duration JITTER = Duration.ofMillis(333);

  static final Duration TICK = Duration.ofMillis(1);

  final Pair pair = Pair.inSession(1);
  private final long start = pair.clock.nowNanos();

  /** The age of the session. */
  Duration since() {
    return Duration.ofNanos(pair.clock.nowNanos() - start);
  }

  List<Integer> sentTypes(InetSocketAddress sender) {
    return Pair.from(sender, pair.wire.takeSent()).stream().map(Datagram::type).toList();
  }

  /** What this side sends from now to then; the other side's datagrams are forgotten. */
  List<Datagram> sentWithin(Duration time, InetSocketAddress sender) {
    pair.wire.takeSent();
    pair.clock.advance(time);
    return Pair.from(sender, pair.wire.takeSent());
  }

  void cutServerOff() {
    pair.wire.detach(Pair.SERVER);
  }
}
