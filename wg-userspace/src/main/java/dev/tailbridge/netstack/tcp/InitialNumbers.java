package dev.tailbridge.netstack.tcp;

/** Initial sequence numbers (RFC 6528) and offsets of timestamps (RFC 7323 7.1). */
public final class InitialNumbers {

  /** A keyed hash that nobody outside can compute. */
  @FunctionalInterface
  public interface KeyedHash {

    /** 64 bits over both addresses and ports. */
    long hash(byte[] fourTuple);
  }

  /** RFC 6528 3: M ticks every four microseconds. */
  private static final long NANOS_PER_TICK = 4_000;

  private final KeyedHash hash;

  public InitialNumbers(KeyedHash hash) {
    this.hash = hash;
  }

  /** ISN = M + F(localip, localport, remoteip, remoteport, secretkey). */
  public int sequence(byte[] fourTuple, long now) {
    return (int) (now / NANOS_PER_TICK) + (int) hash.hash(fourTuple);
  }

  /** The same for every connection of a tuple, so that timestamps go on growing (RFC 6191). */
  public int timestampOffset(byte[] fourTuple) {
    return (int) (hash.hash(fourTuple) >>> 32);
  }
}
