package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.ReloadView;
import dev.tailbridge.bridge.admin.Reloader;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.LoadedConfig;
import dev.tailbridge.bridge.config.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Loads the file from which the bridge was started again, because somebody asked for it. */
final class ReloadByRequest implements Reloader {
  private final Reload reload;

  ReloadByRequest(Reload reload) {
    this.reload = reload;
  }

  /** One at a time, so that each is told what itself has brought about. */
  @Override
  public synchronized ReloadView reload() throws NotReloadedException {
    Path file = reload.inForce().file();
    if (!Files.exists(file)) {
      throw new NotReloadedException(
          "There is no file " + file + " to load; the bridge goes on as before.", List.of());
    }
    try {
      LoadedConfig next = ConfigReader.read(file, System::getenv);
      ConfigDiff diff = ConfigDiff.of(reload.inForce(), next.config());
      reload.to(next.config());
      return new ReloadView(
          file.toString(),
          names(diff.added()),
          names(diff.changed()),
          names(diff.removed()),
          diff.needRestart(),
          next.warnings().stream().map(Problem::toString).toList());
    } catch (ConfigException e) {
      throw new NotReloadedException(
          file + " is not valid, so the bridge goes on as before.",
          e.problems().stream().map(Problem::toString).toList());
    } catch (BridgeException e) {
      throw new NotReloadedException(String.valueOf(e.getMessage()), List.of());
    }
  }

  private static List<String> names(List<DeviceSection> devices) {
    return devices.stream().map(DeviceSection::name).toList();
  }
}
