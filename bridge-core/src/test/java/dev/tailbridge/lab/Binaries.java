package dev.tailbridge.lab;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the build puts what the lab starts. */
public final class Binaries {

  private Binaries() {}

  public static Path lab() {
    return built("bin/lab", "lab");
  }

  /** The lab with a wireguard-go whose times are a twentieth of WireGuard's. */
  public static Path labShort() {
    return built("bin/lab-short", "lab-short");
  }

  public static Path headscale() {
    return built("bin/headscale", "headscale");
  }

  public static Path tailscaled() {
    return built("bin/tailscaled", "tailscale");
  }

  public static Path tailscale() {
    return built("bin/tailscale", "tailscale");
  }

  public static Path bridgeJar() {
    Path jar = root().resolve("bridge-core/target/bridge.jar");
    if (!Files.exists(jar)) {
      throw new IllegalStateException(jar + " is missing: build it with mvn -DskipTests package");
    }
    return jar;
  }

  private static Path built(String file, String what) {
    Path path = root().resolve("ts-embedded/target/go").resolve(file);
    if (!Files.isExecutable(path)) {
      throw new IllegalStateException(
          path + " is missing: build it with ts-embedded/go/build " + what);
    }
    return path;
  }

  /** The module of the bridge, with its sources and what is built. */
  public static Path bridgeCore() {
    return root().resolve("bridge-core");
  }

  /** The checkout: the nearest folder upwards that holds {@code ts-embedded/go}. */
  public static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("ts-embedded/go"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("not inside a checkout of tailbridge");
    }
    return folder;
  }
}
