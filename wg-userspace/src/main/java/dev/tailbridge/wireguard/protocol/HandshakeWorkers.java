package dev.tailbridge.wireguard.protocol;

import java.util.function.LongConsumer;

/**
 * Where handshake mathematics is done, apart from the threads that carry data: a storm of
 * handshakes must not stall a session.
 *
 * <p>What is handed in touches no state of a core; it gets the time of its start and comes back
 * through {@link CoreOutput#resume}. Thread-safe. There is no bound here: the first kind is bounded
 * by {@link HandshakeLoad}, the second by the number of peers.
 */
public interface HandshakeWorkers {

  /** The first look at a message of somebody unknown. In the order of arrival. */
  void execute(LongConsumer mathematics);

  /** The rest of a handshake that was accepted, or one of our own: before all of the others. */
  void executeFirst(LongConsumer mathematics);
}
