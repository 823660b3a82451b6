package dev.tailbridge.lab;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code lab control}: Tailscale's own test control server. It has one user and allows all. */
public final class LabControl implements ControlPlane {

  private final LineProcess process;
  private final JsonObject ready;

  public LabControl(Path folder) {
    this(folder, List.of());
  }

  private LabControl(Path folder, List<String> options) {
    List<String> command = new ArrayList<>(List.of(Binaries.lab().toString(), "control"));
    command.addAll(options);
    process = LineProcess.start("control", command, Map.of(), folder);
    ready = process.ready(Duration.ofSeconds(60));
  }

  /** One that lets in nobody without this key. */
  public static LabControl requiring(String authKey, Path folder) {
    return new LabControl(folder, List.of("-require-auth-key", authKey));
  }

  /** One that lets in nobody before {@link #login}. */
  public static LabControl requiringLogin(Path folder) {
    return new LabControl(folder, List.of("-require-login"));
  }

  /** What a person does in a browser at a login URL. */
  public void login(String url) {
    JsonObject answer = process.ask("login " + url, Duration.ofSeconds(60));
    if (answer.has("error")) {
      throw new IllegalStateException(answer.toString());
    }
  }

  /**
   * From now on registrations are answered with 429, and these seconds to wait.
   *
   * @param retryAfter 0: they are taken again
   * @return how many have been answered so until now
   */
  public int slowDown(int retryAfter) {
    String command = "slow-down " + (retryAfter == 0 ? "off" : String.valueOf(retryAfter));
    return process.ask(command, Duration.ofSeconds(60)).get("refused").getAsInt();
  }

  /** One whose relay takes so long for each packet, each way. */
  public static LabControl withDerpDelay(Duration delay, Path folder) {
    return new LabControl(folder, List.of("-derp-delay", delay.toMillis() + "ms"));
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
