package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.Answers;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.wireguard.PrivateKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fifty nodes with an auth key that is refused, and one that is good. */
class BadNodesIT {

  private static final int BAD = 50;
  private static final int REQUESTS = 400;

  /** Of so many requests each; the best of them counts, on both sides. */
  private static final int TURNS = 3;

  @TempDir Path folder;

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");

  /** How the good one fares. */
  private record Fare(double secondsToRunning, double medianMillis, double slowestOfHundred) {

    /** What else the machine does only makes things slower. */
    Fare best(Fare other) {
      return new Fare(
          secondsToRunning,
          Math.min(medianMillis, other.medianMillis),
          Math.min(slowestOfHundred, other.slowestOfHundred));
    }

    @Override
    public String toString() {
      return String.format(
          "running after %.1f s; request: median %.2f ms, 99 of 100 within %.2f ms",
          secondsToRunning, medianMillis, slowestOfHundred);
    }
  }

  @Test
  void badNodesNeitherDelayNorSlowAGoodOne() {
    try (LabControl control = LabControl.requiring("the-right-key", folder);
        LabClient client = new LabClient(control, "me", "laptop", false, folder)) {
      Fare alone = fare(control, client, "alone", 0);
      Fare among = fare(control, client, "among", BAD);
      System.out.println("a good device alone: " + alone);
      System.out.println("a good device among " + BAD + " bad ones: " + among);
      System.out.printf(
          "a good device among %d bad ones / alone: median %.2f, 99 of 100 within %.2f%n",
          BAD,
          among.medianMillis() / alone.medianMillis(),
          among.slowestOfHundred() / alone.slowestOfHundred());
      // Behind all of them in the file: only some may start at a time, and each of them is refused.
      assertThat(among.secondsToRunning()).isLessThan(2 * alone.secondsToRunning() + 20);
      assertThat(among.medianMillis()).isLessThan(2 * alone.medianMillis() + 5);
      assertThat(among.slowestOfHundred()).isLessThan(4 * alone.slowestOfHundred() + 50);
    }
  }

  private Fare fare(LabControl control, LabClient client, String run, int bad) {
    BridgeFiles files =
        new BridgeFiles(folder.resolve(run)).tailnet("home", control, "the-right-key");
    for (int i = 0; i < bad; i++) {
      files.device(
          "bad-" + i,
          PrivateKey.generate(new SecureRandom()).publicKey(),
          "10.6.0." + (100 + i),
          "home",
          "auth_key = \"the-wrong-key\"");
    }
    files.device(greenhouse, "home", "hostname = \"" + run + "\"");
    long began = System.nanoTime();
    try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
      bridge.awaitDevice("greenhouse", "running", BadNodesIT::isRunning);
      double seconds = (System.nanoTime() - began) / 1e9;
      try (LabDevice device =
          greenhouse.start(bridge.publicKey(), files.wireGuardPort(), files.folder())) {
        bridge.awaitOnline("greenhouse");
        client.meet(run);
        Fare fare = fare(client, run, seconds);
        for (int turn = 1; turn < TURNS; turn++) {
          fare = fare.best(fare(client, run, seconds));
        }
        for (int i = 0; i < bad; i++) {
          bridge.awaitDevice("bad-" + i, "failed", BadNodesIT::hasFailed);
        }
        return fare;
      }
    }
  }

  private static Fare fare(LabClient client, String run, double secondsToRunning) {
    double[] millis = new double[REQUESTS];
    for (int i = 0; i < REQUESTS; i++) {
      long asked = System.nanoTime();
      JsonObject answer = client.ask("get http://" + run + "/");
      millis[i] = (System.nanoTime() - asked) / 1e6;
      assertThat(Answers.fine(answer)).as(answer.toString()).isTrue();
    }
    Arrays.sort(millis);
    return new Fare(secondsToRunning, millis[REQUESTS / 2], millis[REQUESTS * 99 / 100]);
  }

  private static boolean hasFailed(JsonObject device) {
    return device.get("state").getAsString().equals("failed");
  }

  private static boolean isRunning(JsonObject device) {
    return device.has("nodeState") && device.get("nodeState").getAsString().equals("Running");
  }
}
