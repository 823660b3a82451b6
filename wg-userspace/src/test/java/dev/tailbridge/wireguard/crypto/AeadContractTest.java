package dev.tailbridge.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link Aead} must do, whoever provides it. */
class AeadContractTest {

  private static final byte[] KEY = random(32);

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
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

  private static byte[] seal(CryptoProvider provider, long counter, byte[] plain) {
    byte[] sealed = new byte[plain.length + Aead.TAG_BYTES];
    provider.aead(KEY).seal(counter, plain, 0, plain.length, sealed, 0);
    return sealed;
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void everyLengthAgreesWithTheReferenceAndOpens(CryptoProvider provider) throws Exception {
    Aead sealing = provider.aead(KEY);
    Aead opening = provider.aead(KEY);
    for (int length = 0; length <= 1500; length++) {
      byte[] plain = random(length);
      byte[] out = new byte[length + 40];
      int sealed = sealing.seal(length, plain, 0, length, out, 3);
      assertThat(sealed).isEqualTo(length + Aead.TAG_BYTES);
      assertThat(Arrays.copyOfRange(out, 3, 3 + sealed)).isEqualTo(reference(length, plain));
      assertNothingAround(out, 3, sealed);
      byte[] opened = new byte[length + 9];
      assertThat(opening.open(length, out, 3, sealed, opened, 5)).isEqualTo(length);
      assertThat(Arrays.copyOfRange(opened, 5, 5 + length)).isEqualTo(plain);
      assertNothingAround(opened, 5, length);
    }
  }

  private static void assertNothingAround(byte[] out, int offset, int length) {
    assertThat(Arrays.copyOf(out, offset)).containsOnly(0);
    assertThat(Arrays.copyOfRange(out, offset + length, out.length)).containsOnly(0);
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void outputOfExactlyTheRightSizeAndInputInsideAnArrayWillDo(CryptoProvider provider)
      throws Exception {
    byte[] in = random(100);
    byte[] sealed = new byte[60 + Aead.TAG_BYTES];
    assertThat(provider.aead(KEY).seal(1, in, 7, 60, sealed, 0)).isEqualTo(76);
    assertThat(sealed).isEqualTo(reference(1, Arrays.copyOfRange(in, 7, 67)));
    byte[] message = new byte[100];
    System.arraycopy(sealed, 0, message, 16, sealed.length);
    byte[] opened = new byte[60];
    assertThat(provider.aead(KEY).open(1, message, 16, 76, opened, 0)).isEqualTo(60);
    assertThat(opened).isEqualTo(Arrays.copyOfRange(in, 7, 67));
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void aCounterIsSixtyFourBitsOfTheNonce(CryptoProvider provider) throws Exception {
    byte[] plain = random(33);
    for (long counter : new long[] {0x0807060504030201L, -1, Long.MIN_VALUE, 1L << 32, 255, 256}) {
      byte[] sealed = seal(provider, counter, plain);
      assertThat(sealed).isEqualTo(reference(counter, plain));
      byte[] opened = new byte[plain.length];
      assertThat(provider.aead(KEY).open(counter, sealed, 0, sealed.length, opened, 0))
          .isEqualTo(plain.length);
      assertThat(opened).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void everyCorruptedByteIsNoticedAndNothingReadableIsLeft(CryptoProvider provider) {
    for (int length : new int[] {0, 1, 64, 200}) {
      byte[] plain = random(length);
      byte[] sealed = seal(provider, 7, plain);
      Aead opening = provider.aead(KEY);
      for (int i = 0; i < sealed.length; i++) {
        byte[] forged = sealed.clone();
        forged[i] ^= 1;
        // As after an earlier packet: that must not stay readable either.
        byte[] out = random(length);
        assertThat(opening.open(7, forged, 0, forged.length, out, 0)).isEqualTo(-1);
        assertThat(out).isEqualTo(new byte[length]);
        // The genuine packet of the same counter is unharmed by the forgery, however often.
        assertThat(opening.open(7, sealed, 0, sealed.length, out, 0)).isEqualTo(length);
        assertThat(out).isEqualTo(plain);
      }
      assertThat(opening.open(8, sealed, 0, sealed.length, new byte[length], 0)).isEqualTo(-1);
      byte[] cut = Arrays.copyOf(sealed, sealed.length - 1);
      assertThat(opening.open(7, cut, 0, cut.length, new byte[length], 0)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void aFailureLeavesWhatIsBeforeItsOutputRange(CryptoProvider provider) {
    byte[] forged = seal(provider, 1, random(20));
    forged[0] ^= 1;
    byte[] before = random(40);
    byte[] out = before.clone();
    assertThat(provider.aead(KEY).open(1, forged, 0, forged.length, out, 8)).isEqualTo(-1);
    assertThat(Arrays.copyOf(out, 8)).isEqualTo(Arrays.copyOf(before, 8));
    assertThat(Arrays.copyOfRange(out, 8, 28)).containsOnly(0);
    assertThat(Arrays.copyOfRange(out, 28, 40))
        .isIn(new byte[12], Arrays.copyOfRange(before, 28, 40));
  }

  /** Random genuine packets, copies of them, and forgeries of any counter, in any order. */
  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void openingDependsOnNothingThatCameBefore(CryptoProvider provider) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Aead opening = provider.aead(KEY);
    byte[][] plain = new byte[4][];
    byte[][] sealed = new byte[4][];
    for (int i = 0; i < sealed.length; i++) {
      plain[i] = random(i * 50);
      sealed[i] = seal(provider, i, plain[i]);
    }
    for (int step = 0; step < 2000; step++) {
      int i = random.nextInt(sealed.length);
      byte[] message = sealed[i].clone();
      boolean forge = random.nextBoolean();
      if (forge) {
        message[random.nextInt(message.length)] ^= (byte) (1 << random.nextInt(8));
      }
      byte[] out = new byte[plain[i].length];
      assertThat(opening.open(i, message, 0, message.length, out, 0))
          .as("seed %s, step %s", seed, step)
          .isEqualTo(forge ? -1 : plain[i].length);
      assertThat(out).isEqualTo(forge ? new byte[out.length] : plain[i]);
    }
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void tooShortForATagIsNotAuthentic(CryptoProvider provider) {
    Aead opening = provider.aead(KEY);
    for (int length = 0; length < Aead.TAG_BYTES; length++) {
      assertThat(opening.open(0, new byte[16], 0, length, new byte[16], 0)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void sealingTwiceWithACounterIsRefusedAndDoesNoHarm(CryptoProvider provider) throws Exception {
    Aead sealing = provider.aead(KEY);
    byte[] plain = random(10);
    byte[] out = new byte[26];
    for (long counter = 0; counter < 5; counter++) {
      sealing.seal(counter, plain, 0, plain.length, out, 0);
      assertThat(out).isEqualTo(reference(counter, plain));
      long same = counter;
      assertThatThrownBy(() -> sealing.seal(same, plain, 0, plain.length, new byte[26], 0))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void theCallerMayWipeItsKey(CryptoProvider provider) throws Exception {
    byte[] key = KEY.clone();
    Aead sealing = provider.aead(key);
    Arrays.fill(key, (byte) 0);
    byte[] out = new byte[26];
    for (int counter = 0; counter < 3; counter++) {
      sealing.seal(counter, random(10), 0, 10, out, 0);
      assertThat(out).isEqualTo(reference(counter, random(10)));
    }
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void aDestroyedKeyWorksNoMore(CryptoProvider provider) {
    for (boolean used : new boolean[] {false, true}) {
      Aead aead = provider.aead(KEY);
      if (used) {
        aead.seal(0, new byte[1], 0, 1, new byte[17], 0);
      }
      aead.destroy();
      aead.destroy();
      assertThatThrownBy(() -> aead.seal(1, new byte[1], 0, 1, new byte[17], 0))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> aead.open(1, new byte[17], 0, 17, new byte[1], 0))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void aKeyHasThirtyTwoBytes(CryptoProvider provider) {
    assertThatThrownBy(() -> provider.aead(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> provider.aead(new byte[33]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
