package dev.tailbridge.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.wireguard.crypto.CryptoProviders.Candidate;
import dev.tailbridge.wireguard.crypto.CryptoProviders.Selection;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CryptoProvidersTest {

  private static final Candidate ABSENT =
      new Candidate(
          "absent",
          () -> {
            throw new ClassNotFoundException("org.example.Absent");
          });

  /** As Conscrypt ends where its native library cannot be loaded. */
  private static final Candidate BROKEN =
      new Candidate(
          "broken",
          () -> {
            throw new InvocationTargetException(new UnsatisfiedLinkError("no libbroken\nin: []"));
          });

  private static final Candidate WORKING = new Candidate("jdk", JdkCrypto::new);

  @Test
  void autoTakesConscryptWhereItIs() {
    Selection selection = CryptoProviders.auto();
    assertThat(selection.provider().description()).isEqualTo("conscrypt 2.9.0");
    assertThat(selection.warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bouncycastle", "conscrypt", "jdk"})
  void aNamedOneIsThatOne(String name) throws Exception {
    Selection selection = CryptoProviders.select(name);
    assertThat(selection.provider().name()).isEqualTo(name);
    assertThat(selection.provider().description()).startsWith(name);
    assertThat(selection.warnings()).isEmpty();
  }

  @Test
  void anUnknownNameIsTheCallersMistake() {
    assertThatThrownBy(() -> CryptoProviders.select("openssl"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use auto, bouncycastle, conscrypt or jdk");
  }

  @Test
  void anAbsentOneIsPassedOverInSilence() {
    Selection selection = CryptoProviders.firstOf(List.of(ABSENT, WORKING));
    assertThat(selection.provider().name()).isEqualTo("jdk");
    assertThat(selection.warnings()).isEmpty();
    assertThat(CryptoProviders.firstOf(List.of(ABSENT)).provider().name())
        .isEqualTo("bouncycastle");
  }

  @Test
  void aBrokenOneIsPassedOverWithAWarningOfOneLine() {
    assertThat(CryptoProviders.firstOf(List.of(BROKEN, WORKING)).warnings())
        .containsExactly(
            "broken cannot be used: UnsatisfiedLinkError: no libbroken; jdk does its work");
    Selection last = CryptoProviders.firstOf(List.of(BROKEN, BROKEN));
    assertThat(last.provider().name()).isEqualTo("bouncycastle");
    assertThat(last.warnings()).hasSize(2).allMatch(w -> w.endsWith("bouncycastle does its work"));
  }

  @Test
  void askedForByNameTheSameIsAnErrorThatSaysWhatToDo() {
    assertThatThrownBy(() -> CryptoProviders.named(ABSENT))
        .isInstanceOf(CryptoUnavailableException.class)
        .hasMessage(
            "absent is not here: add org.conscrypt:conscrypt-openjdk-uber to the class path, or use"
                + " auto");
    assertThatThrownBy(() -> CryptoProviders.named(BROKEN))
        .isInstanceOf(CryptoUnavailableException.class)
        .hasMessage(
            "broken cannot be used: UnsatisfiedLinkError: no libbroken; use auto or bouncycastle");
  }

  /** One bit is enough, wherever it is. */
  @ParameterizedTest
  @ValueSource(strings = {"seal", "open", "forgery", "key", "agree", "zero"})
  void wrongAnswersAreFoundBeforeUse(String fault) {
    Selection selection =
        CryptoProviders.firstOf(
            List.of(new Candidate("wrong", () -> new FaultyCrypto(fault)), WORKING));
    assertThat(selection.provider().name()).isEqualTo("jdk");
    assertThat(selection.warnings()).hasSize(1);
    assertThat(selection.warnings().get(0)).contains("wrong answer in the self-test");
  }

  /** A user of the library without Conscrypt's jar: our classes must load all the same. */
  @Test
  void withoutConscryptsJarAnotherOneIsTaken() throws Exception {
    try (URLClassLoader loader = withoutConscrypt()) {
      Class<?> providers = loader.loadClass(CryptoProviders.class.getName());
      Object selection = providers.getMethod("auto").invoke(null);
      boolean fast = Runtime.version().feature() >= 21;
      assertThat(selection.toString())
          .contains(fast ? "JdkCrypto" : "BouncyCastleCrypto")
          .endsWith("warnings=[]]");
      assertThatThrownBy(
              () -> providers.getMethod("select", String.class).invoke(null, "conscrypt"))
          .cause()
          .hasMessageStartingWith(
              "conscrypt is not here: add org.conscrypt:conscrypt-openjdk-uber");
    }
  }

  private static URLClassLoader withoutConscrypt() throws IOException {
    URL[] path =
        Stream.of(System.getProperty("java.class.path").split(":"))
            .filter(entry -> !entry.contains("conscrypt"))
            .map(CryptoProvidersTest::url)
            .toArray(URL[]::new);
    return new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
  }

  private static URL url(String entry) {
    try {
      return java.nio.file.Path.of(entry).toUri().toURL();
    } catch (IOException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }

  /** The reference with one fault. */
  private record FaultyCrypto(String fault) implements CryptoProvider {

    @Override
    public String name() {
      return "wrong";
    }

    @Override
    public String description() {
      return "wrong";
    }

    @Override
    public Aead aead(byte[] key) {
      // An implementation that lets go of its key after the first packet.
      return new FaultyAead(
          fault, new BouncyCastleAead(key), new BouncyCastleAead(new byte[Aead.KEY_BYTES]));
    }

    @Override
    public boolean agree(byte[] privateKey, byte[] publicKey, byte[] shared) {
      boolean usable = X25519.agree(privateKey, publicKey, shared);
      shared[0] ^= (byte) (fault.equals("agree") ? 1 : 0);
      return usable || fault.equals("zero");
    }
  }

  private record FaultyAead(String fault, Aead right, Aead zeroKey) implements Aead {

    @Override
    public int seal(long counter, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
      Aead aead = fault.equals("key") && counter > 0 ? zeroKey : right;
      int written = aead.seal(counter, in, inOffset, length, out, outOffset);
      out[outOffset] ^= (byte) (fault.equals("seal") ? 1 : 0);
      return written;
    }

    @Override
    public int open(long counter, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
      int written = right.open(counter, in, inOffset, length, out, outOffset);
      if (fault.equals("open") && written > 0) {
        out[outOffset] ^= 1;
      }
      return fault.equals("forgery") && written < 0 ? length - TAG_BYTES : written;
    }

    @Override
    public void destroy() {
      right.destroy();
    }
  }
}
