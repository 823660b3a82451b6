package dev.tailbridge.tailnet.library;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The five functions that the Go library exports, by JNA direct mapping. They are bound when {@link
 * #load} is called and not before; only {@link GoEngine}'s thread calls them.
 */
@SuppressWarnings("MemberName") // The names are the exported symbols.
final class GoLibrary {

  /** dlopen(3): resolve now, so a library that does not fit fails here and not in a call. */
  private static final int RTLD_NOW = 2;

  private GoLibrary() {}

  static native int TailbridgeInit(String configJson);

  static native Pointer TailbridgeVersion();

  static native Pointer TailbridgeLastError();

  static native int TailbridgeShutdown(int millis);

  static native void TailbridgeFree(Pointer text);

  /** Loads the library and starts its Go runtime. It is never unloaded. */
  static void load(Path file) throws TailnetLibraryException {
    NativeLibrary library;
    try {
      library =
          NativeLibrary.getInstance(
              file.toString(),
              Map.of(Library.OPTION_STRING_ENCODING, "UTF-8", Library.OPTION_OPEN_FLAGS, RTLD_NOW));
    } catch (LinkageError e) {
      throw notLoaded(file, e);
    }
    try {
      Native.register(GoLibrary.class, library);
    } catch (LinkageError e) {
      throw new TailnetLibraryException(
          file + ": is not the Go library of this program: use the one that was built with it", e);
    }
  }

  /** Copies a string that Go allocated and gives it back. */
  static String take(Pointer text) {
    String copy = text.getString(0, "UTF-8");
    TailbridgeFree(text);
    return copy;
  }

  /** JNA puts the words of dlerror(3) on its second line, and its own search after them. */
  private static TailnetLibraryException notLoaded(Path file, LinkageError e) {
    List<String> lines = String.valueOf(e.getMessage()).lines().toList();
    String reason = lines.get(Math.min(1, lines.size() - 1));
    if (reason.contains("failed to map segment")) {
      return new TailnetLibraryException(NoexecMounts.message(file, "its file system"), e);
    }
    return new TailnetLibraryException(
        file
            + ": the Go library cannot be loaded ("
            + reason
            + "): it needs glibc of at least Debian 12's age, and a directory for native code where"
            + " this user may write and execute (state_dir, jna.tmpdir)",
        e);
  }
}
