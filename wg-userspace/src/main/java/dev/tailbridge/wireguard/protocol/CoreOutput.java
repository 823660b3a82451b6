package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PublicKey;
import java.net.InetSocketAddress;

/** Takes what comes out of a {@link WireGuardCore} and belongs to no peer. */
public interface CoreOutput {

  void dropped(DropReason reason);

  /** A valid initiation from a key that is no peer; {@link #dropped} follows. */
  void unknownKey(PublicKey key, InetSocketAddress source);
}
