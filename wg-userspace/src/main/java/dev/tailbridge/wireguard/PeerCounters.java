package dev.tailbridge.wireguard;

import java.util.concurrent.atomic.AtomicLong;

/** What is counted about one peer: written on its event loop only, readable from any thread. */
final class PeerCounters {

  final EnumCounters<DropReason> drops = new EnumCounters<>(DropReason.class);
  final EnumCounters<EndpointChange> moves = new EnumCounters<>(EndpointChange.class);
  final EnumCounters<ReverseSuppression> suppressed = new EnumCounters<>(ReverseSuppression.class);
  final AtomicLong rxBytes = new AtomicLong();
  final AtomicLong txBytes = new AtomicLong();
  final AtomicLong rescuesSent = new AtomicLong();
  final AtomicLong rescuesAnswered = new AtomicLong();
  final AtomicLong rescuesUnanswered = new AtomicLong();

  /** Without an atomic addition: there is one writer. */
  static void add(AtomicLong counter, long amount) {
    counter.setOpaque(counter.getPlain() + amount);
  }

  RescueStatus rescues() {
    return new RescueStatus(
        rescuesSent.getOpaque(),
        rescuesAnswered.getOpaque(),
        rescuesUnanswered.getOpaque(),
        suppressed.snapshot());
  }
}
