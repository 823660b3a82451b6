package dev.tailbridge.tailnet.library;

import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** What there is of Go in the jar: the same code for this process and for one of its own. */
enum GoBinary {
  LIBRARY("the Go library", "libtailbridge", ".so", "tailbridge.library", "rw-------"),
  SIDECAR("the Go sidecar", "tailbridge-sidecar", "", "tailbridge.sidecar", "rwx------");

  private final String label;
  private final String stem;
  private final String suffix;
  private final String overrideProperty;
  private final String mode;

  GoBinary(String label, String stem, String suffix, String overrideProperty, String mode) {
    this.label = label;
    this.stem = stem;
    this.suffix = suffix;
    this.overrideProperty = overrideProperty;
    this.mode = mode;
  }

  /** What messages call it. */
  String label() {
    return label;
  }

  /** Where it is in the jar; beside it is its hash. */
  String resource(String platformName) {
    return "META-INF/native/" + platformName + "/" + stem + suffix;
  }

  /** What the names of all its unpacked files begin with. */
  String prefix() {
    return stem + "-";
  }

  /** The name of the file with this content. */
  String fileName(String sha256) {
    return prefix() + sha256.substring(0, 32) + suffix;
  }

  /** The system property that names a file to use instead of the one in the jar, unchecked. */
  String overrideProperty() {
    return overrideProperty;
  }

  /** Who may do what with the unpacked file. */
  Set<PosixFilePermission> mode() {
    return PosixFilePermissions.fromString(mode);
  }
}
