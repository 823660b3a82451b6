package dev.tailbridge.tailnet.control;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** A real non-blocking AF_UNIX stream pair, as Go makes them, with plain calls on its ends. */
public record SocketPair(int java, int go, String javaSocket) {

  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK = 04000;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int EAGAIN = 11;
  private static final int MSG_NOSIGNAL = 0x4000;

  public static SocketPair open() {
    int[] ends = new int[2];
    Libc.socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
    return new SocketPair(ends[0], ends[1], target(ends[0]));
  }

  /** A pair whose ends block. */
  public static SocketPair openBlocking() {
    int[] ends = new int[2];
    Libc.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
    return new SocketPair(ends[0], ends[1], target(ends[0]));
  }

  /** Writes all of it; the socket must have room. */
  public static void write(int descriptor, byte[] bytes) {
    if (Libc.send(descriptor, bytes, bytes.length, MSG_NOSIGNAL) != bytes.length) {
      throw new AssertionError("the socket did not take " + bytes.length + " bytes");
    }
  }

  /** Reads what is there, up to 64 KiB: null when nothing is, empty at the end of the stream. */
  public static byte[] read(int descriptor) {
    byte[] buffer = new byte[1 << 16];
    try {
      return Arrays.copyOf(buffer, Libc.recv(descriptor, buffer, buffer.length, 0));
    } catch (LastErrorException e) {
      if (e.getErrorCode() == EAGAIN) {
        return null;
      }
      throw e;
    }
  }

  /** Whether the other end is closed. Reads and throws away what came before. */
  public static boolean atEnd(int descriptor) {
    try {
      byte[] bytes = read(descriptor);
      while (bytes != null && bytes.length > 0) {
        bytes = read(descriptor);
      }
      return bytes != null;
    } catch (LastErrorException e) {
      return true; // A reset: it was closed with unread bytes.
    }
  }

  public static void close(int descriptor) {
    Libc.close(descriptor);
  }

  /**
   * Whether Java's end is closed. Asks for the socket and not for its number: any thread of the JVM
   * may have opened a file under that number since.
   */
  public boolean javaClosed() {
    return !target(java).equals(javaSocket);
  }

  /** What a descriptor refers to, such as {@code socket:[123]}; empty when it is not open. */
  private static String target(int descriptor) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Libc {
    static {
      Native.register(Libc.class, "c");
    }

    static native int socketpair(int domain, int type, int protocol, int[] ends)
        throws LastErrorException;

    static native int send(int descriptor, byte[] bytes, int count, int flags)
        throws LastErrorException;

    static native int recv(int descriptor, byte[] bytes, int count, int flags)
        throws LastErrorException;

    static native int close(int descriptor);
  }
}
