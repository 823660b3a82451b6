package dev.tailbridge.tailnet.library;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;

/** What Netty does not do for a descriptor that it adopts: check it, and close it unadopted. */
public final class Descriptors {

  private static final int F_GETFL = 3;
  private static final int O_NONBLOCK = 0x800;

  private Descriptors() {}

  /**
   * Checks that a descriptor is open and non-blocking: a blocking one would hang its whole event
   * loop at the first full buffer.
   */
  public static boolean isNonBlocking(int descriptor) {
    try {
      return (Libc.fcntl(descriptor, F_GETFL) & O_NONBLOCK) != 0;
    } catch (LastErrorException e) {
      return false;
    }
  }

  /** Closes a descriptor that no channel has adopted. */
  public static void close(int descriptor) {
    try {
      new FileDescriptor(descriptor).close();
    } catch (IOException e) {
      // Linux has released the number whatever close(2) returned.
    }
  }

  /** Bound at the first use, and JNA with it. */
  private static final class Libc {
    static {
      Native.register(Libc.class, "c");
    }

    static native int fcntl(int descriptor, int command) throws LastErrorException;
  }
}
