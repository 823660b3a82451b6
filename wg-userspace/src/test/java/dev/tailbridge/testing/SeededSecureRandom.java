package dev.tailbridge.testing;

import java.security.SecureRandom;
import java.util.Random;

/** A SecureRandom that is not: the same bytes for the same seed. */
public final class SeededSecureRandom extends SecureRandom {

  private static final long serialVersionUID = 1L;

  private final Random source;

  public SeededSecureRandom(long seed) {
    this.source = new Random(seed);
  }

  @Override
  public void nextBytes(byte[] bytes) {
    source.nextBytes(bytes);
  }
}
