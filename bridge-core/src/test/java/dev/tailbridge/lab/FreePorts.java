package dev.tailbridge.lab;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntPredicate;

/**
 * Ports for what is about to listen. They lie below those that Linux gives by itself to whoever
 * asks for any, so that nobody who does takes one in between; and each is tried, so that nobody who
 * was there before has it.
 */
public final class FreePorts {
  private static final int FIRST = 10_000;
  private static final int END = 32_768;
  private static final int TRIES = 1000;

  /** Nobody may listen yet at those that were given already. */
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

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
        .filter(free)
        .filter(GIVEN::add)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no free port in " + TRIES + " tries"));
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
