package dev.tailbridge.lab;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * The whole thing on loopback: control plane, bridge, three simulated devices, one tailnet client.
 * With {@code --check} it says whether everything worked and ends; otherwise it stays up.
 */
public final class Demo implements AutoCloseable {

  private static final PrintStream OUT = System.out;

  private final Path folder;
  private final List<AutoCloseable> started = new ArrayList<>();
  private long stepStart = System.nanoTime();
  private boolean good = true;

  private Demo(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws Exception {
    boolean check = arguments.length > 0 && arguments[0].equals("--check");
    long start = System.nanoTime();
    Demo demo = new Demo(Files.createTempDirectory("tb"));
    Runtime.getRuntime().addShutdownHook(new Thread(demo::close, "demo-end"));
    try {
      demo.run();
    } catch (RuntimeException e) {
      demo.good = false;
      OUT.println("  FAILED  " + e.getMessage());
    }
    OUT.printf(
        Locale.ROOT,
        "%n%s after %.1f s%n",
        demo.good ? "Everything works" : "Something does not work",
        (System.nanoTime() - start) / 1e9);
    if (!check && demo.good) {
      demo.stay();
    }
    System.exit(demo.good ? 0 : 1);
  }

  private void run() {
    OUT.println("tailbridge on loopback: no account, no root, no network\n");
    LabControl control = keep(new LabControl(folder));
    step("control plane", control.url());

    List<LabDevice> devices =
        List.of(
            new LabDevice("greenhouse", "10.6.0.2"),
            new LabDevice("doorbell", "10.6.0.3"),
            new LabDevice("boiler", "10.6.0.4"));
    BridgeFiles files =
        new BridgeFiles(folder.resolve("bridge")).tailnet("home", control, control.authKey("demo"));
    devices.forEach(device -> files.device(device, "home"));
    BridgeProcess bridge = keep(BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY));
    step("bridge", "java -jar bridge.jar --config " + files.folder().resolve("devices.toml"));

    devices.forEach(d -> keep(d).start(bridge.publicKey(), files.wireGuardPort(), folder));
    step("three simulated ESP32s", "WireGuard to 127.0.0.1:" + files.wireGuardPort());

    LabClient client = keep(new LabClient(control, "demo", "laptop", false, folder));
    step("a laptop in the tailnet", client.dnsName() + " " + client.ip4());

    for (LabDevice device : devices) {
      String address = bridge.awaitOnline(device.name());
      client.ask("wait " + device.name());
      step(device.name() + " is a machine of the tailnet", address);
      expect("GET http://" + device.name() + "/", client.ask("get http://" + device.name() + "/"));
      expect("ping " + device.name(), client.ask("ping " + address + " timeout=10"));
      expect("UDP echo " + address + ":7", client.ask("udp " + address + ":7 hello timeout=10"));
    }
    LabDevice first = devices.get(0);
    expect(
        first.name() + " fetches http://laptop/ by its MagicDNS name",
        first.ask("get http://" + client.dnsName() + "/"));
  }

  private void expect(String what, JsonObject answer) {
    boolean fine = Answers.fine(answer);
    good &= fine;
    step((fine ? "" : "FAILED  ") + what, fine ? brief(answer) : answer.toString());
  }

  private static String brief(JsonObject answer) {
    return answer.has("body")
        ? answer.get("body").getAsString().strip()
        : String.format(Locale.ROOT, "%.1f ms", answer.get("ms").getAsDouble());
  }

  private void step(String what, String detail) {
    long now = System.nanoTime();
    OUT.printf(Locale.ROOT, "%7.0f ms  %-52s %s%n", (now - stepStart) / 1e6, what, detail);
    stepStart = now;
  }

  private void stay() throws InterruptedException {
    Path config = folder.resolve("bridge/devices.toml");
    OUT.println(
        """

        It stays up until Ctrl-C. In another terminal:
          java -jar %s status --config %s
          cat %s
          tail -f %s
        """
            .formatted(
                Binaries.root().relativize(Binaries.bridgeJar()),
                config,
                config,
                folder.resolve("bridge/bridge.log")));
    new CountDownLatch(1).await();
  }

  private <T extends AutoCloseable> T keep(T part) {
    synchronized (started) {
      started.add(part);
    }
    return part;
  }

  @Override
  public void close() {
    synchronized (started) {
      for (int i = started.size() - 1; i >= 0; i--) {
        try {
          started.get(i).close();
        } catch (Exception e) {
          OUT.println("could not end " + started.get(i) + ": " + e.getMessage());
        }
      }
      started.clear();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      if (good) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      } else {
        OUT.println("logs are in " + folder);
      }
    } catch (IOException e) {
      OUT.println("could not remove " + folder + ": " + e.getMessage());
    }
  }
}
