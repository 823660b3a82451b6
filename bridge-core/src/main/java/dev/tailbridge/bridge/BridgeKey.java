package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.state.StateDirectory;
import dev.tailbridge.bridge.state.StateException;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The bridge's WireGuard key, for commands, which know no running bridge. */
public final class BridgeKey {

  private BridgeKey() {}

  /**
   * The public key that devices must know: of the key in the configuration, or of the one in the
   * state directory, which is made when there is none, as at the first start of the bridge.
   *
   * @throws BridgeException when it cannot be read or made
   */
  public static PublicKey of(BridgeConfig config) throws BridgeException {
    PrivateKey configured = config.bridge().privateKey();
    if (configured != null) {
      return configured.publicKey();
    }
    try {
      return kept(config.bridge().stateDir());
    } catch (StateException e) {
      throw new BridgeException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Makes a key the bridge's own, if it has none yet.
   *
   * @return whether it is now
   * @throws BridgeException when it cannot be written
   */
  public static boolean adopt(BridgeConfig config, PrivateKey key) throws BridgeException {
    Path stateDir = config.bridge().stateDir();
    if (config.bridge().privateKey() != null
        || Files.exists(StateDirectory.privateKeyFile(stateDir))) {
      return false;
    }
    try (StateDirectory directory = StateDirectory.open(stateDir)) {
      return directory.adopt(key);
    } catch (StateException e) {
      throw new BridgeException(String.valueOf(e.getMessage()), e);
    }
  }

  private static PublicKey kept(Path stateDir) throws StateException {
    if (Files.isRegularFile(StateDirectory.privateKeyFile(stateDir))) {
      // Without its lock, which a running bridge has: the file never changes.
      return StateDirectory.readPrivateKey(stateDir).publicKey();
    }
    try (StateDirectory directory = StateDirectory.open(stateDir)) {
      return directory.privateKey(new SecureRandom()).publicKey();
    }
  }
}
