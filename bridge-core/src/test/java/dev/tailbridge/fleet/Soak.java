package dev.tailbridge.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.BridgeProcess;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;

/**
 * A fleet's life in short: a tenth of the devices goes and comes each minute, and in between one
 * thing after the other goes wrong. Those that a fault does not concern answer all the while, those
 * that it does come back by themselves, and nothing grows.
 */
final class Soak {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Of a long soak; of a short one a sixth. */
  private static final Duration WARM_UP = Duration.ofMinutes(10);

  /** Calls of five seconds at most before a device that was back is given up. */
  private static final int TRIES = 12;

  private final FleetRig rig;
  private final BridgeProcess bridge;
  private final Duration time;
  private final UsageTable usage;

  /**
   * @param time after which nothing new happens, if everything has happened once
   */
  Soak(FleetRig rig, BridgeProcess bridge, Duration time) {
    this.rig = rig;
    this.bridge = bridge;
    this.time = time;
    Duration sixth = time.dividedBy(6);
    usage = new UsageTable(sixth.compareTo(WARM_UP) < 0 ? sixth : WARM_UP);
  }

  void run() throws InterruptedException {
    Faults faults = new Faults(rig, bridge);
    Deque<Fault> next = new ArrayDeque<>(faults.all());
    try (Prober prober = new Prober(rig.laptop())) {
      prober.over(FleetRig.addresses(bridge).values());
      System.out.println("soak: first " + prober.await(2));
      long began = System.nanoTime();
      long churned = began - MINUTE.toNanos();
      boolean once = false;
      while (!once || System.nanoTime() - began < time.toNanos()) {
        if (System.nanoTime() - churned >= MINUTE.toNanos()) {
          churned = System.nanoTime();
          live(faults.churn(), prober);
        }
        live(next.remove(), prober);
        if (next.isEmpty()) {
          once = true;
          next.addAll(faults.all());
        }
      }
    }
  }

  /** To be called when the bridge has given back what the last starts left behind. */
  void rested(Usage end) {
    usage.add(end);
    System.out.printf("soak of %d devices, %d s:%n%s", rig.names().size(), time.toSeconds(), usage);
    usage.assertFlat();
  }

  private void live(Fault fault, Prober prober) throws InterruptedException {
    Map<String, String> others = FleetRig.addresses(bridge);
    others.keySet().removeAll(fault.concerned());
    prober.over(others.values());
    long began = System.nanoTime();
    String how = fault.happen(prober);
    Calls calls = prober.await(1);
    awaitAnswers(fault.concerned(), prober);
    System.out.printf(
        "soak: %s: %s; all answer after %.1f s; others: %s%n",
        fault.name(), how, (System.nanoTime() - began) / 1e9, calls);
    assertThat(calls.failed()).as("silent during " + fault.name()).isEmpty();
    usage.add(Usage.of(bridge));
  }

  /** Until the laptop, too, has heard where they are now. */
  private void awaitAnswers(Set<String> concerned, Prober prober) throws InterruptedException {
    Map<String, String> them = FleetRig.addresses(bridge);
    them.keySet().retainAll(concerned);
    Calls calls = Calls.NONE;
    for (int tries = 0; !them.isEmpty() && (tries == 0 || !calls.failed().isEmpty()); tries++) {
      assertThat(tries).as("silent for good: " + calls.failed()).isLessThan(TRIES);
      prober.over(them.values());
      calls = prober.await(1);
    }
  }
}
