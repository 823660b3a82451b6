package dev.tailbridge.testing;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;

/** A SecureRandom that is not: the same bytes for the same seed. */
public final class SeededSecureRandom extends SecureRandom {

  private static final long serialVersionUID = 1L;

  /** One draw of {@link Random#nextInt(int)}. */
  public record Draw(int bound, int value) {}

  private final Random source;
  private final Queue<Draw> draws = new ArrayDeque<>();

  public SeededSecureRandom(long seed) {
    this.source = new Random(seed);
  }

  @Override
  public void nextBytes(byte[] bytes) {
    source.nextBytes(bytes);
  }

  @Override
  public int nextInt(int bound) {
    int value = super.nextInt(bound);
    draws.add(new Draw(bound, value));
    return value;
  }

  /** What {@link #nextInt(int)} gave out so far, for whoever must follow it; take from it. */
  public Queue<Draw> draws() {
    return draws;
  }
}
