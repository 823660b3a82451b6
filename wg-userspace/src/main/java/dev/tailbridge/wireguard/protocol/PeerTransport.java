package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.KEEPALIVE_TIMEOUT;
import static dev.tailbridge.wireguard.protocol.Constants.NEVER;
import static dev.tailbridge.wireguard.protocol.Constants.PADDING_MULTIPLE;
import static dev.tailbridge.wireguard.protocol.Constants.REJECT_AFTER_MESSAGES;
import static dev.tailbridge.wireguard.protocol.Constants.REJECT_AFTER_TIME;
import static dev.tailbridge.wireguard.protocol.Constants.REKEY_AFTER_TIME;
import static dev.tailbridge.wireguard.protocol.Constants.REKEY_TIMEOUT;

import dev.tailbridge.wireguard.DropReason;
import java.net.InetSocketAddress;
import java.util.Arrays;

/** A peer's transport data, both ways (paper 5.4.6, 6.2, 6.5). Packets leave strictly in order. */
final class PeerTransport {

  private static final byte[] KEEPALIVE = new byte[0];

  private final Peer peer;
  private final WireGuardCore core;
  private final PeerTimers timers;
  private final StagedPackets staged = new StagedPackets();
  final KeypairSlots keypairs;

  /** Once per session: a passive receiver starts the rekey shortly before the end. */
  private boolean sentLastMinuteHandshake;

  private long lastReceived = NEVER;

  PeerTransport(Peer peer, WireGuardCore core, PeerTimers timers) {
    this.peer = peer;
    this.core = core;
    this.timers = timers;
    this.keypairs = new KeypairSlots(core.indices::free);
  }

  void send(byte[] packet, int length, long now) {
    if (peer.endpoint() == null) {
      peer.output.dropped(DropReason.NO_ENDPOINT);
      return;
    }
    Keypair current = keypairs.current();
    if (staged.isEmpty() && current != null && current.maySend(now)) {
      sealAndSend(current, packet, length, now);
      timers.dataSent(now);
      keepKeyFreshSending(current, now);
      return;
    }
    if (staged.add(packet, length)) {
      peer.output.dropped(DropReason.STAGED_OVERFLOW);
    }
    sendStaged(now);
  }

  /**
   * Sends what is staged, else an empty packet; either starts a handshake where there is no key.
   */
  void sendKeepalive(long now) {
    if (!staged.isEmpty()) {
      sendStaged(now);
      return;
    }
    Keypair current = keypairs.current();
    if (current == null || !current.maySend(now)) {
      peer.handshakes.initiate(now);
      return;
    }
    sealAndSend(current, KEEPALIVE, 0, now);
    keepKeyFreshSending(current, now);
  }

  void sendStaged(long now) {
    byte[] packet = staged.peek();
    while (packet != null) {
      Keypair current = keypairs.current();
      if (current == null || !current.maySend(now)) {
        peer.handshakes.initiate(now);
        return;
      }
      staged.remove();
      sealAndSend(current, packet, packet.length, now);
      timers.dataSent(now);
      keepKeyFreshSending(current, now);
      packet = staged.peek();
    }
  }

  boolean maySend(long now) {
    Keypair current = keypairs.current();
    return current != null && current.maySend(now);
  }

  boolean hasStaged() {
    return !staged.isEmpty();
  }

  int dropStaged() {
    return staged.clear();
  }

  /** Whether the peer was heard on any session so lately that it cannot count as silent. */
  boolean isAlive(long now) {
    return lastReceived != NEVER && now - lastReceived <= KEEPALIVE_TIMEOUT + REKEY_TIMEOUT;
  }

  /** A message for one of our sessions: every check before every effect. */
  void receive(
      Keypair keypair,
      byte[] datagram,
      int length,
      InetSocketAddress source,
      int socket,
      long now) {
    long counter = Message.readLong(datagram, Message.TRANSPORT_COUNTER);
    if (keypair.isExpired(now)) {
      peer.output.dropped(DropReason.EXPIRED_KEY);
      return;
    }
    if (Long.compareUnsigned(counter, REJECT_AFTER_MESSAGES) >= 0) {
      peer.output.dropped(DropReason.COUNTER_LIMIT);
      return;
    }
    byte[] opened = core.opened.room(length);
    int packetLength = keypair.open(datagram, length, opened);
    if (packetLength < 0) {
      peer.output.dropped(DropReason.BAD_TAG);
      return;
    }
    if (!keypair.acceptCounter(counter)) {
      peer.output.dropped(DropReason.REPLAY);
      return;
    }
    lastReceived = now;
    peer.moveEndpoint(source, socket);
    if (confirms(keypair, now)) {
      handshakeComplete();
      sendStaged(now);
    }
    keepKeyFreshReceiving(now);
    timers.authenticatedPacketReceived(now);
    peer.output.received(length);
    if (packetLength > 0) {
      timers.dataReceived(now);
      deliver(opened, packetLength);
    }
  }

  /** Whether the peer's use of this session is what was waited for, after our response. */
  private boolean confirms(Keypair keypair, long now) {
    if (keypairs.confirm(keypair)) {
      peer.reverse.freshHandshakeConfirmed();
      if (peer.tentative != null) {
        peer.tentative.freshHandshakeConfirmed();
      }
      return true;
    }
    if (peer.tentative != null && peer.tentative.confirm(keypair, now)) {
      keypairs.installUsed(keypair);
      timers.sessionDerived(now);
      return true;
    }
    return false;
  }

  private void deliver(byte[] packet, int available) {
    int length = InnerPacket.length(packet, available);
    if (length < 0) {
      peer.output.dropped(DropReason.INNER_MALFORMED);
    } else if (InnerPacket.sourceOwner(core.shared.allowedIps, packet) != peer) {
      peer.output.dropped(
          peer.isRemoved() ? DropReason.PEER_REMOVED : DropReason.INNER_SOURCE_DENIED);
    } else {
      peer.output.packet(packet, length);
    }
  }

  void installInitiated(SessionKeys keys, long now) {
    keypairs.installInitiated(new Keypair(keys, core.shared.identity.crypto, now));
    timers.sessionDerived(now);
    handshakeComplete();
    // At once: the peer may not use the session before it has heard us on it.
    sendKeepalive(now);
  }

  void installResponded(SessionKeys keys, long now) {
    keypairs.installResponded(new Keypair(keys, core.shared.identity.crypto, now));
    timers.sessionDerived(now);
  }

  private void handshakeComplete() {
    timers.handshakeComplete();
    peer.handshakes.complete();
    sentLastMinuteHandshake = false;
    peer.output.handshakeCompleted();
  }

  private void sealAndSend(Keypair keypair, byte[] packet, int length, long now) {
    int padded = paddedLength(length);
    byte[] plain = packet;
    if (padded > packet.length) {
      System.arraycopy(packet, 0, core.padded, 0, length);
      plain = core.padded;
    }
    Arrays.fill(plain, length, padded, (byte) 0);
    byte[] sealed = core.sealed.room(padded + Message.TRANSPORT_MIN_BYTES);
    int sealedLength = keypair.seal(plain, padded, sealed);
    timers.authenticatedPacketSent(now);
    peer.transmit(sealed, sealedLength);
  }

  private static int paddedLength(int length) {
    int padded = (length + PADDING_MULTIPLE - 1) & -PADDING_MULTIPLE;
    return Math.max(length, Math.min(padded, WireGuardCore.MTU));
  }

  private void keepKeyFreshSending(Keypair current, long now) {
    if (current.isUsedUp() || (current.initiator && current.ageNanos(now) > REKEY_AFTER_TIME)) {
      peer.handshakes.initiate(now);
    }
  }

  private void keepKeyFreshReceiving(long now) {
    Keypair current = keypairs.current();
    long rekeyAge =
        peer.reverse.isRescued()
            ? REKEY_AFTER_TIME
            : REJECT_AFTER_TIME - KEEPALIVE_TIMEOUT - REKEY_TIMEOUT;
    if (!sentLastMinuteHandshake
        && current != null
        && current.initiator
        && current.ageNanos(now) > rekeyAge) {
      sentLastMinuteHandshake = true;
      peer.handshakes.initiate(now);
    }
  }
}
