package dev.tailbridge.wireguard.crypto;

import java.lang.reflect.InvocationTargetException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@link CryptoProvider}s that there are. One is given out only after a self-test. */
public final class CryptoProviders {

  /** The name for "the fastest one here". */
  public static final String AUTO = "auto";

  /** The first Java whose SunJCE is faster than Bouncy Castle by so much that it is worth it. */
  private static final int JDK_IS_FAST_FROM = 21;

  private CryptoProviders() {}

  /**
   * What was chosen.
   *
   * @param warnings one sentence for each faster provider that is here and cannot be used
   */
  public record Selection(CryptoProvider provider, List<String> warnings) {}

  /** A provider that may turn out to be absent or unusable. */
  record Candidate(String name, Opening opening) {}

  /** Throws {@link ClassNotFoundException} when it is absent, anything else when it is unusable. */
  @FunctionalInterface
  interface Opening {
    CryptoProvider open() throws ReflectiveOperationException, GeneralSecurityException;
  }

  /** The reference; it needs no choosing. */
  public static CryptoProvider bouncyCastle() {
    return new BouncyCastleCrypto();
  }

  /**
   * The fastest provider here: Conscrypt if present, else the JDK's if fast, else the reference.
   *
   * <p>Conscrypt loads a native library, so Java 24 and newer print a warning unless they are
   * started with {@code --enable-native-access=ALL-UNNAMED}; it is unpacked where {@code
   * org.conscrypt.native.workdir} says.
   */
  public static Selection auto() {
    List<Candidate> candidates = new ArrayList<>();
    candidates.add(conscrypt());
    if (Runtime.version().feature() >= JDK_IS_FAST_FROM) {
      candidates.add(jdk());
    }
    return firstOf(candidates);
  }

  /**
   * Chooses by name: {@code auto}, {@code bouncycastle}, {@code conscrypt} or {@code jdk}.
   *
   * @throws CryptoUnavailableException when a named one is absent or fails; {@code auto} never does
   * @throws IllegalArgumentException when there is no such name
   */
  public static Selection select(String name) throws CryptoUnavailableException {
    return switch (name) {
      case AUTO -> auto();
      case BouncyCastleCrypto.NAME -> new Selection(bouncyCastle(), List.of());
      case ConscryptCrypto.NAME -> new Selection(named(conscrypt()), List.of());
      case JdkCrypto.NAME -> new Selection(named(jdk()), List.of());
      default ->
          throw new IllegalArgumentException(
              name + ": use auto, bouncycastle, conscrypt or jdk as the crypto provider");
    };
  }

  private static Candidate conscrypt() {
    return new Candidate(ConscryptCrypto.NAME, ConscryptCrypto::new);
  }

  private static Candidate jdk() {
    return new Candidate(JdkCrypto.NAME, JdkCrypto::new);
  }

  static Selection firstOf(List<Candidate> candidates) {
    List<String> failures = new ArrayList<>();
    CryptoProvider chosen = null;
    for (Candidate candidate : candidates) {
      chosen = openOrExplain(candidate, failures);
      if (chosen != null) {
        break;
      }
    }
    CryptoProvider provider = chosen == null ? bouncyCastle() : chosen;
    return new Selection(
        provider,
        failures.stream()
            .map(failure -> failure + "; " + provider.name() + " does its work")
            .toList());
  }

  private static @Nullable CryptoProvider openOrExplain(
      Candidate candidate, List<String> failures) {
    try {
      return tested(candidate);
    } catch (ClassNotFoundException e) {
      return null; // nobody put it here
    } catch (ReflectiveOperationException
        | GeneralSecurityException
        | RuntimeException
        | LinkageError e) {
      failures.add(candidate.name() + " cannot be used: " + reason(e));
      return null;
    }
  }

  static CryptoProvider named(Candidate candidate) throws CryptoUnavailableException {
    try {
      return tested(candidate);
    } catch (ClassNotFoundException e) {
      throw new CryptoUnavailableException(
          candidate.name()
              + " is not here: add org.conscrypt:conscrypt-openjdk-uber to the class path, or use"
              + " auto",
          e);
    } catch (ReflectiveOperationException
        | GeneralSecurityException
        | RuntimeException
        | LinkageError e) {
      throw new CryptoUnavailableException(
          candidate.name() + " cannot be used: " + reason(e) + "; use auto or bouncycastle", e);
    }
  }

  private static CryptoProvider tested(Candidate candidate)
      throws ReflectiveOperationException, GeneralSecurityException {
    CryptoProvider provider = candidate.opening().open();
    CryptoSelfTest.checkProvider(provider);
    return provider;
  }

  /** One line, of the failure that is at the bottom of this one. */
  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof InvocationTargetException
            || cause instanceof ExceptionInInitializerError)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    String text = cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    return text.lines().findFirst().orElse(text);
  }
}
