package dev.tailbridge.lab;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** {@code lab control}: Tailscale's own test control server. It has one user and allows all. */
public final class LabControl implements ControlPlane {

  private final LineProcess process;
  private final JsonObject ready;

  public LabControl(Path folder) {
    process =
        LineProcess.start(
            "control", List.of(Binaries.lab().toString(), "control"), Map.of(), folder);
    ready = process.ready(Duration.ofSeconds(20));
  }

  public LineProcess process() {
    return process;
  }

  @Override
  public String url() {
    return ready.get("controlUrl").getAsString();
  }

  @Override
  public String authKey(String user) {
    return ready.get("authKey").getAsString();
  }

  @Override
  public void close() {
    process.close();
  }
}
