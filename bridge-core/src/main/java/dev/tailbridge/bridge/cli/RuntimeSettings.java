package dev.tailbridge.bridge.cli;

import java.nio.file.Path;

/** System properties that libraries read when they load, so they are set before that. */
final class RuntimeSettings {

  private RuntimeSettings() {}

  /**
   * @param stateDir native code is unpacked below it, so that everything else can be read-only
   * @param javaVersion of the running Java
   */
  static void apply(Path stateDir, int javaVersion) {
    if (javaVersion >= 24) {
      set("io.netty.noUnsafe", "true"); // otherwise Java prints warnings about Netty
    }
    String unpacked = stateDir.resolve("native").toString();
    set("io.netty.native.workdir", unpacked);
    set("jna.tmpdir", unpacked);
    set("org.conscrypt.native.workdir", unpacked);
    set("jna.nosys", "true"); // a JNA of the system may be of another version
  }

  /** What the user set on the command line stays. */
  private static void set(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
