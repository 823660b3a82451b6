package dev.tailbridge.benchmarks.rival;

import java.io.IOException;
import java.nio.file.Path;

/** A control plane and one machine of its tailnet, from which everything is measured. */
final class LoopbackTailnet implements AutoCloseable {

  private final Child control;
  private final Child client;

  LoopbackTailnet(Path lab, Path folder) throws IOException {
    control = Child.lab(lab, "control");
    try {
      client =
          Child.lab(
              lab,
              "client",
              "-control",
              controlUrl(),
              "-auth-key",
              authKey(),
              "-hostname",
              "caller",
              "-dir",
              folder.resolve("caller").toString());
    } catch (IOException e) {
      control.close();
      throw e;
    }
  }

  String controlUrl() {
    return control.ready().get("controlUrl").getAsString();
  }

  String authKey() {
    return control.ready().get("authKey").getAsString();
  }

  /** The machine that calls. */
  Child client() {
    return client;
  }

  @Override
  public void close() throws IOException {
    client.close();
    control.close();
  }
}
