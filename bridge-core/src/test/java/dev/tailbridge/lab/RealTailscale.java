package dev.tailbridge.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The real {@code tailscaled} and {@code tailscale} as a machine of the tailnet: a client that
 * nobody here wrote. It needs no root: userspace networking with a SOCKS5 port for callers.
 */
public final class RealTailscale implements AutoCloseable {

  private final Path folder;
  private final Process daemon;
  private final int socksPort;

  public RealTailscale(ControlPlane control, String user, String hostname, Path parent) {
    try {
      // A Unix socket's path is limited to 107 bytes.
      folder = Files.createDirectories(parent.resolve("ts"));
      socksPort = FreePorts.tcp();
      ProcessBuilder builder =
          new ProcessBuilder(
                  Binaries.tailscaled().toString(),
                  "--tun=userspace-networking",
                  "--statedir=" + folder,
                  "--socket=" + folder.resolve("s"),
                  "--port=0",
                  "--no-logs-no-support",
                  "--socks5-server=127.0.0.1:" + socksPort)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("tailscaled.log").toFile());
      builder.environment().putAll(BridgeProcess.LOOPBACK_ONLY);
      daemon = Processes.start(builder);
      awaitSocket();
      Answer up =
          tailscale(
              Duration.ofSeconds(100),
              "up",
              "--login-server=" + control.url(),
              "--auth-key=" + control.authKey(user),
              "--hostname=" + hostname,
              "--accept-dns=false",
              "--timeout=90s");
      if (up.code() != 0) {
        throw new IllegalStateException("tailscale up: " + up.output());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a command printed on both outputs, and its exit code. */
  public record Answer(int code, String output) {}

  public Answer tailscale(Duration limit, String... words) {
    List<String> command = new ArrayList<>();
    command.add(Binaries.tailscale().toString());
    command.add("--socket=" + folder.resolve("s"));
    command.addAll(List.of(words));
    return run(limit, command);
  }

  /** {@code curl} through the daemon's SOCKS5 port; the daemon resolves the name. */
  public Answer curl(Duration limit, String... words) {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of("curl", "-sS", "--socks5-hostname", "127.0.0.1:" + socksPort, "--max-time"));
    command.add(Long.toString(limit.toSeconds()));
    command.addAll(List.of(words));
    return run(limit.plusSeconds(2), command);
  }

  private Answer run(Duration limit, List<String> command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(Map.of("NO_COLOR", "1"));
      Process process = builder.start();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return new Answer(-1, "no end within " + limit.toSeconds() + " s");
      }
      return new Answer(
          process.exitValue(),
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void awaitSocket() throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!isListening()) {
      if (!daemon.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "tailscaled does not listen: " + Files.readString(folder.resolve("tailscaled.log")));
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  /** The file of its socket is there a moment before anybody listens. */
  private boolean isListening() {
    try (SocketChannel tried =
        SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")))) {
      return tried.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    daemon.destroy();
    Processes.end(daemon);
  }
}
