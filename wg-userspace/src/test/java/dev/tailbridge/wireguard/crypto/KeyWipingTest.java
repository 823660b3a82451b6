package dev.tailbridge.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.Arrays;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That no array within our reach holds a key after its end: looked up in the objects themselves.
 */
class KeyWipingTest {

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void theKeyIsGoneFromTheObjectThatHeldIt(CryptoProvider provider) throws Exception {
    byte[] key = new byte[Aead.KEY_BYTES];
    Arrays.fill(key, (byte) 0x5a);
    Aead aead = provider.aead(key);
    aead.seal(0, new byte[100], 0, 100, new byte[116], 0);
    byte[] held = heldKey(aead);
    assertThat(held).isEqualTo(key).isNotSameAs(key);
    aead.destroy();
    assertThat(held).containsOnly(0);
    assertThat(heldKey(aead)).containsOnly(0);
  }

  private static byte[] heldKey(Aead aead) throws ReflectiveOperationException {
    return aead instanceof BouncyCastleAead
        ? (byte[]) field(ChaCha20Poly1305.class, "key", field(aead.getClass(), "engine", aead))
        : bytesOf(field(aead.getClass(), "key", aead));
  }

  private static byte[] bytesOf(Object key) throws ReflectiveOperationException {
    return (byte[]) field(key.getClass(), "bytes", key);
  }

  private static Object field(Class<?> owner, String name, Object of)
      throws ReflectiveOperationException {
    Field field = owner.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }
}
