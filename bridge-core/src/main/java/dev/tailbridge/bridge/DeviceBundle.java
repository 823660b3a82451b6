package dev.tailbridge.bridge;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import dev.tailbridge.bridge.config.EditException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Devices on their way from one bridge to another, as a file holds them. It is full of secrets.
 *
 * @param tailbridgeDevices the version of the format, 1
 * @param bridgePublicKey what the devices know as their server
 */
public record DeviceBundle(int tailbridgeDevices, String bridgePublicKey, List<Moved> devices) {
  private static final int VERSION = 1;
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

  public DeviceBundle(String bridgePublicKey, List<Moved> devices) {
    this(VERSION, bridgePublicKey, List.copyOf(devices));
  }

  /**
   * One device.
   *
   * @param block its lines of the configuration, without tailnet and secrets
   * @param privateKey if the bridge kept it
   * @param tailnet what its bridge called its tailnet; null for none
   * @param controlUrl of that; null for Tailscale's
   * @param node what Tailscale keeps of its machine, {@code tailscaled.state}; null before the
   *     first login
   */
  public record Moved(
      String name,
      String block,
      @Nullable String presharedKey,
      @Nullable String privateKey,
      @Nullable String tailnet,
      @Nullable String controlUrl,
      @Nullable String node) {}

  String toJson() {
    return GSON.toJson(this) + "\n";
  }

  /**
   * Reads such a file.
   *
   * @throws EditException when it is none, or of a newer version
   */
  public static DeviceBundle read(Path file) throws EditException {
    DeviceBundle read;
    try {
      read = GSON.fromJson(Files.readString(file), DeviceBundle.class);
    } catch (IOException e) {
      throw new EditException(file + " cannot be read; is it the right file?", e);
    } catch (JsonParseException e) {
      throw new EditException(notOne(file), e);
    }
    if (read == null || !read.isWhole()) {
      throw new EditException(notOne(file));
    }
    return read;
  }

  // Gson leaves null what a file does not have.
  @SuppressWarnings("ConstantValue")
  private boolean isWhole() {
    return tailbridgeDevices == VERSION
        && bridgePublicKey != null
        && devices != null
        && devices.stream()
            .allMatch(moved -> moved != null && moved.name() != null && moved.block() != null);
  }

  private static String notOne(Path file) {
    return file
        + " holds no devices that this version can read; make it with bridge device export --move";
  }
}
