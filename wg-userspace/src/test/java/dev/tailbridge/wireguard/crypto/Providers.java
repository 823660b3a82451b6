package dev.tailbridge.wireguard.crypto;

import java.util.stream.Stream;

/** Every provider; on each JDK that the tests run on, each of them must be there. */
public final class Providers {

  /** For {@code @MethodSource}. */
  public static final String ALL = "dev.tailbridge.wireguard.crypto.Providers#all";

  private Providers() {}

  static Stream<CryptoProvider> all() throws CryptoUnavailableException {
    return Stream.of(named("bouncycastle"), named("conscrypt"), named("jdk"));
  }

  private static CryptoProvider named(String name) throws CryptoUnavailableException {
    return CryptoProviders.select(name).provider();
  }
}
