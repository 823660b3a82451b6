package dev.tailbridge.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every provider's X25519 must do. */
class AgreementContractTest {

  /** All points whose agreement with anybody is zero, non-canonical encodings included. */
  private static final List<String> LOW_ORDER =
      List.of(
          "0000000000000000000000000000000000000000000000000000000000000000",
          "0100000000000000000000000000000000000000000000000000000000000000",
          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static byte[] agree(CryptoProvider provider, byte[] privateKey, byte[] publicKey) {
    byte[] shared = new byte[32];
    assertThat(provider.agree(privateKey, publicKey, shared)).isTrue();
    return shared;
  }

  /** RFC 7748, 5.2: neither scalar is clamped, and the second u has its top bit set. */
  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void publishedAnswers(CryptoProvider provider) {
    assertThat(
            agree(
                provider,
                hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")))
        .isEqualTo(hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
    assertThat(
            agree(
                provider,
                hex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")))
        .isEqualTo(hex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"));
  }

  /** RFC 7748, 5.2: the iterated test, each answer being the next scalar. */
  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void aThousandInARow(CryptoProvider provider) {
    byte[] k = new byte[32];
    k[0] = 9;
    byte[] u = k.clone();
    for (int i = 0; i < 1000; i++) {
      byte[] answer = agree(provider, k, u);
      u = k;
      k = answer;
    }
    assertThat(k)
        .isEqualTo(hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void anyBytesAgreeWithTheReference(CryptoProvider provider) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      byte[] privateKey = new byte[32];
      byte[] publicKey = new byte[32];
      random.nextBytes(privateKey);
      random.nextBytes(publicKey);
      if (i % 10 == 0) {
        Arrays.fill(publicKey, 1, 32, (byte) 0xff); // at or above the field's prime, mostly
      }
      byte[] expected = new byte[32];
      byte[] shared = new byte[32];
      boolean usable = X25519.agree(privateKey, publicKey, expected);
      assertThat(provider.agree(privateKey, publicKey, shared))
          .as("seed %s", seed)
          .isEqualTo(usable);
      assertThat(shared).as("seed %s", seed).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void pointsOfLowOrderAreRefused(CryptoProvider provider) {
    byte[] privateKey = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    for (String point : LOW_ORDER) {
      for (int topBit = 0; topBit <= 1; topBit++) {
        byte[] publicKey = hex(point);
        publicKey[31] |= (byte) (topBit << 7);
        byte[] shared = new byte[32];
        Arrays.fill(shared, (byte) 7);
        assertThat(provider.agree(privateKey, publicKey, shared)).as(point).isFalse();
        assertThat(shared).as(point).containsOnly(0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void theCallersKeysStayAsTheyAre(CryptoProvider provider) {
    byte[] privateKey = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    byte[] publicKey = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882bcf");
    byte[] ours = privateKey.clone();
    byte[] theirs = publicKey.clone();
    agree(provider, ours, theirs);
    assertThat(ours).isEqualTo(privateKey);
    assertThat(theirs).isEqualTo(publicKey);
  }

  @ParameterizedTest
  @MethodSource(Providers.ALL)
  void severalThreadsMayAskAtOnce(CryptoProvider provider) throws Exception {
    byte[][] keys = new byte[8][32];
    Random random = new Random(4);
    for (byte[] key : keys) {
      random.nextBytes(key);
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Boolean>> work =
          IntStream.range(0, 400)
              .<Callable<Boolean>>mapToObj(
                  i ->
                      () -> {
                        byte[] expected = new byte[32];
                        X25519.agree(keys[i % 8], keys[i / 8 % 8], expected);
                        return Arrays.equals(
                            agree(provider, keys[i % 8], keys[i / 8 % 8]), expected);
                      })
              .toList();
      for (Future<Boolean> right : threads.invokeAll(work)) {
        assertThat(right.get()).isTrue();
      }
    } finally {
      threads.shutdown();
    }
  }
}
