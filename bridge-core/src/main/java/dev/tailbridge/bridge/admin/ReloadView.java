package dev.tailbridge.bridge.admin;

import java.util.List;

/**
 * What came of loading the configuration again.
 *
 * @param file that was read
 * @param added names of devices that began
 * @param changed names of devices that ended and began anew
 * @param removed names of devices that ended
 * @param needRestart sections with changes that only a restart brings, as they are written
 * @param warnings what is doubtful in the file, a line each
 */
public record ReloadView(
    String file,
    List<String> added,
    List<String> changed,
    List<String> removed,
    List<String> needRestart,
    List<String> warnings) {

  public ReloadView {
    added = List.copyOf(added);
    changed = List.copyOf(changed);
    removed = List.copyOf(removed);
    needRestart = List.copyOf(needRestart);
    warnings = List.copyOf(warnings);
  }
}
