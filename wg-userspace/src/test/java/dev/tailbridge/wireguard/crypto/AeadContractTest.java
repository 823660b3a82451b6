package dev.tailbridge.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link Aead} must do. */
class AeadContractTest {

  private static final byte[] KEY = new byte[32];

  static {
    new Random(1).nextBytes(KEY);
  }

  static Stream<Function<byte[], Aead>> providers() {
    return Stream.of(BouncyCastleAead::new);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @MethodSource("providers")
  void everyLengthAgreesWithTheReferenceAndOpens(Function<byte[], Aead> provider) throws Exception {
    Aead sealing = provider.apply(KEY);
    Aead opening = provider.apply(KEY);
    for (int length = 0; length <= 1500; length++) {
      byte[] plain = random(length);
      byte[] out = new byte[length + 40];
      int sealed = sealing.seal(length, plain, 0, length, out, 3);
      assertThat(sealed).isEqualTo(length + Aead.TAG_BYTES);
      assertThat(Arrays.copyOfRange(out, 3, 3 + sealed)).isEqualTo(reference(length, plain));
      byte[] opened = new byte[length + 9];
      assertThat(opening.open(length, out, 3, sealed, opened, 5)).isEqualTo(length);
      assertThat(Arrays.copyOfRange(opened, 5, 5 + length)).isEqualTo(plain);
    }
  }

  private static byte[] reference(long counter, byte[] plain) throws InvalidCipherTextException {
    byte[] nonce = new byte[12];
    for (int i = 0; i < 8; i++) {
      nonce[4 + i] = (byte) (counter >>> (8 * i));
    }
    ChaCha20Poly1305 engine = new ChaCha20Poly1305();
    engine.init(true, new ParametersWithIV(new KeyParameter(KEY), nonce));
    byte[] out = new byte[plain.length + 16];
    int written = engine.processBytes(plain, 0, plain.length, out, 0);
    engine.doFinal(out, written);
    return out;
  }

  @ParameterizedTest
  @MethodSource("providers")
  void everyCorruptedByteIsNoticedAndNothingReadableIsLeft(Function<byte[], Aead> provider) {
    for (int length : new int[] {0, 1, 64, 200}) {
      byte[] plain = random(length);
      byte[] sealed = new byte[length + 16];
      provider.apply(KEY).seal(7, plain, 0, length, sealed, 0);
      Aead opening = provider.apply(KEY);
      for (int i = 0; i < sealed.length; i++) {
        byte[] forged = sealed.clone();
        forged[i] ^= 1;
        byte[] out = new byte[length];
        assertThat(opening.open(7, forged, 0, forged.length, out, 0)).isEqualTo(-1);
        assertThat(out).isEqualTo(new byte[length]);
        // The genuine packet of the same counter is unharmed by the forgery, however often.
        assertThat(opening.open(7, sealed, 0, sealed.length, out, 0)).isEqualTo(length);
        assertThat(out).isEqualTo(plain);
      }
      assertThat(opening.open(8, sealed, 0, sealed.length, new byte[length], 0)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void tooShortForATagIsNotAuthentic(Function<byte[], Aead> provider) {
    Aead opening = provider.apply(KEY);
    for (int length = 0; length < Aead.TAG_BYTES; length++) {
      assertThat(opening.open(0, new byte[16], 0, length, new byte[16], 0)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aDestroyedKeyWorksNoMore(Function<byte[], Aead> provider) {
    Aead aead = provider.apply(KEY);
    aead.destroy();
    assertThatThrownBy(() -> aead.seal(0, new byte[1], 0, 1, new byte[17], 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> aead.open(0, new byte[17], 0, 17, new byte[1], 0))
        .isInstanceOf(IllegalStateException.class);
  }
}
