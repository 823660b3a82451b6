package dev.tailbridge.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntPredicate;

/**
 * Ports for what is about to listen. They lie below those that Linux gives by itself to whoever
 * asks for any, so that nobody who does takes one in between; each is tried, so that nobody who was
 * there before has it; and each is given once only, also by the JVM that runs tests beside this
 * one.
 */
public final class FreePorts {
  /** Where Linux begins to give ports by itself, where nobody changed it. */
  private static final int USUAL_END = 32_768;

  private static final int FIRST = 4_000;
  private static final int END = end();
  private static final int TRIES = 1000;

  /** Nobody may listen yet at those that were given already: a byte is locked for each. */
  private static final FileChannel GIVEN = open();

  /** The table of the JVM's own locks forgets those that nobody holds any more. */
  private static final Map<Integer, FileLock> LOCKS = new ConcurrentHashMap<>();

  private FreePorts() {}

  /** One that is free for TCP. */
  public static int tcp() {
    return find(FreePorts::isFreeForTcp);
  }

  /** One that is free for UDP. */
  public static int udp() {
    return find(FreePorts::isFreeForUdp);
  }

  /** One that is free for both. */
  public static int tcpAndUdp() {
    return find(port -> isFreeForTcp(port) && isFreeForUdp(port));
  }

  private static int find(IntPredicate free) {
    return ThreadLocalRandom.current()
        .ints(TRIES, FIRST, END)
        .filter(FreePorts::isFirst)
        .filter(free)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no free port in " + TRIES + " tries"));
  }

  /** Where it begins here; where that leaves next to nothing below, ports are as good as theirs. */
  private static int end() {
    try {
      String range = Files.readString(Path.of("/proc/sys/net/ipv4/ip_local_port_range"));
      int first = Integer.parseInt(range.strip().split("\\s+")[0]);
      return first < FIRST + 2 * TRIES ? USUAL_END : Math.min(first, USUAL_END);
    } catch (IOException | NumberFormatException e) {
      return USUAL_END;
    }
  }

  private static FileChannel open() {
    String name = "tailbridge-test-ports-" + System.getProperty("user.name");
    try {
      return FileChannel.open(
          Path.of(System.getProperty("java.io.tmpdir"), name),
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Locked before it is tried: trying one that was just given would keep its owner from it. */
  private static boolean isFirst(int port) {
    try {
      FileLock lock = GIVEN.tryLock(port, 1, false);
      return lock != null && LOCKS.put(port, lock) == null;
    } catch (OverlappingFileLockException e) {
      return false; // this JVM gave it
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isFreeForTcp(int port) {
    try (ServerSocket tried = new ServerSocket()) {
      tried.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isFreeForUdp(int port) {
    try (DatagramSocket tried = new DatagramSocket(null)) {
      tried.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
