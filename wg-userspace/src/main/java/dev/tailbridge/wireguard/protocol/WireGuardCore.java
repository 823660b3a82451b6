package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PublicKey;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One thread's part of a WireGuard interface, without its sockets: the peers that live on it, with
 * their sessions and timers.
 *
 * <ul>
 *   <li>Datagrams go in by {@link #receive}, on whichever core they came; what belongs to a peer of
 *       another core is handed over to it.
 *   <li>Whatever is wrong with a datagram, the answer is silence: a drop is reported, and no
 *       datagram, state or timer comes of it (paper 5.1). The one exception is a cookie reply under
 *       load, to a sender that knows our public key (paper 5.3).
 *   <li>Outputs are called before the call that caused them returns, or on a later {@link
 *       CoreOutput#resume}. An output must not call back into the core, except that {@link
 *       PeerOutput#packet} may send.
 * </ul>
 */
public final class WireGuardCore {

  /** The largest inner packet in bytes. */
  public static final int MTU = 1420;

  /** The largest datagram in bytes that is looked at; anything larger is cut and will not open. */
  public static final int MAX_DATAGRAM_BYTES = 2048;

  final InterfaceState shared;
  final IndexTable indices;

  /** Scratch of one packet each, so that a packet received may be answered while it is read. */
  final Scratch opened = new Scratch();

  final byte[] padded = new byte[MTU];
  final Scratch sealed = new Scratch();

  /** How many datagrams of other cores may wait. */
  private static final int MAX_WAITING = 1024;

  private final CoreOutput output;
  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder handedOver = new LongAdder();

  /**
   * @param number which of the interface's cores this is, from 0
   */
  public WireGuardCore(InterfaceState shared, int number, CoreOutput output) {
    this.shared = shared;
    this.output = output;
    this.indices = new IndexTable(shared.random, shared.attach(number, this), number);
  }

  /**
   * Makes a peer of this core, from any thread. It takes part from {@link #publish} on.
   *
   * @throws IllegalArgumentException when the key is ours or already a peer's
   */
  public Peer register(PeerConfig config, PeerOutput peerOutput) {
    return shared.register(this, config, peerOutput);
  }

  /**
   * Lets a registered peer take part; its allowed addresses move to it from whoever had them.
   * {@link Peer#start} is next.
   */
  public void publish(Peer peer) {
    shared.publish(peer);
  }

  /** Wipes a peer's keys, and frees its key and addresses where that was not done before. */
  public void removePeer(Peer peer) {
    shared.withdraw(peer);
    peer.wipe();
  }

  /** The peer that a packet's destination belongs to; null when none, or when it is no packet. */
  public @Nullable Peer route(byte[] packet, int length) {
    return InnerPacket.length(packet, length) < 0
        ? null
        : InnerPacket.destinationOwner(shared.allowedIps, packet);
  }

  /**
   * Takes one datagram, the first {@code length} bytes of the array, which is lent.
   *
   * @param socket a number, 0 or greater, for the socket that it came in on; all cores number alike
   */
  public void receive(
      byte[] datagram, int length, InetSocketAddress source, int socket, long nowNanos) {
    int type = Message.type(datagram, length);
    if (type == Message.INITIATION || type == Message.RESPONSE) {
      watchLoad(nowNanos);
    } else {
      watchEndOfLoad(nowNanos);
    }
    switch (type) {
      case Message.TRANSPORT -> {
        int index = Message.readInt(datagram, Message.RECEIVER);
        if (!handOver(index, datagram, length, source, socket)) {
          receiveTransport(index, datagram, length, source, socket, nowNanos);
        }
      }
      case Message.INITIATION -> receiveInitiation(datagram, source, socket, nowNanos);
      case Message.RESPONSE -> receiveResponse(datagram, source, socket, nowNanos);
      case Message.COOKIE_REPLY -> {
        if (!handOver(
            Message.readInt(datagram, Message.RECEIVER), datagram, length, source, socket)) {
          receiveCookieReply(datagram, nowNanos);
        }
      }
      default -> output.dropped(DropReason.MALFORMED_DATAGRAM);
    }
  }

  /** Gives a message to the core that its receiver index names; false when that is this one. */
  private boolean handOver(
      int index, byte[] datagram, int length, InetSocketAddress source, int socket) {
    WireGuardCore owner = shared.owner(index);
    if (owner == this) {
      return false;
    }
    byte[] copy = Arrays.copyOf(datagram, length);
    owner.takeOver(this, now -> owner.receive(copy, length, source, socket, now));
    return true;
  }

  /** Queues a datagram of another core's, as long as this one can keep up. From any thread. */
  private void takeOver(WireGuardCore from, LongConsumer work) {
    handedOver.increment();
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      from.output.dropped(DropReason.LOOP_QUEUE_FULL);
      return;
    }
    output.resume(
        now -> {
          waiting.decrementAndGet();
          work.accept(now);
        });
  }

  /** Datagrams that came in on another core than their peer's. From any thread. */
  public long handedOver() {
    return handedOver.sum();
  }

  private void receiveTransport(
      int index, byte[] datagram, int length, InetSocketAddress source, int socket, long now) {
    Peer peer = indices.find(index);
    if (peer == null) {
      output.dropped(DropReason.UNKNOWN_INDEX);
      callBack(source, socket, now);
      return;
    }
    Keypair keypair = peer.session(index);
    if (keypair == null) {
      peer.output.dropped(DropReason.UNKNOWN_INDEX);
    } else {
      peer.transport.receive(keypair, datagram, length, source, socket, now);
    }
    peer.output.touched();
  }

  /** Our restart ended sessions that their other ends still believe in. */
  private void callBack(InetSocketAddress source, int socket, long now) {
    Peer peer = shared.unheardAt(source);
    if (peer != null && peer.mayBeCalledBack(now)) {
      peer.resume(then -> peer.callBack(source, socket, then), () -> {});
    }
  }

  private void receiveInitiation(byte[] datagram, InetSocketAddress source, int socket, long now) {
    if (!isWelcome(datagram, Message.INITIATION_BYTES, source, socket, now)) {
      return;
    }
    if (!shared.load.admit(now)) {
      output.dropped(DropReason.HANDSHAKE_QUEUE_FULL);
      return;
    }
    byte[] message = Arrays.copyOf(datagram, Message.INITIATION_BYTES);
    shared.workers.execute(
        started -> {
          shared.load.started(now, started);
          openInitiation(message, source, socket);
        });
  }

  /** On a worker: finds out who sent it; all that follows is done where that peer lives. */
  private void openInitiation(byte[] message, InetSocketAddress source, int socket) {
    IncomingInitiation initiation = IncomingInitiation.open(shared.identity, message);
    if (initiation == null) {
      output.resume(now -> output.dropped(DropReason.INVALID_INITIATION));
      return;
    }
    PublicKey key = PublicKey.of(initiation.remoteStatic);
    Peer peer = shared.find(key);
    if (peer == null) {
      initiation.wipe();
      output.resume(
          now -> {
            output.unknownKey(key, source);
            output.dropped(DropReason.UNKNOWN_KEY);
          });
      return;
    }
    boolean authentic = peer.mathematics.openTimestamp(initiation);
    peer.resume(
        now -> {
          if (authentic) {
            peer.handshakes.consumeInitiation(initiation, source, socket, now);
          } else {
            initiation.wipe();
            peer.output.dropped(DropReason.INVALID_INITIATION);
          }
        },
        () -> {
          initiation.wipe();
          peer.output.dropped(DropReason.PEER_REMOVED);
        });
  }

  private void receiveResponse(byte[] datagram, InetSocketAddress source, int socket, long now) {
    if (!isWelcome(datagram, Message.RESPONSE_BYTES, source, socket, now)) {
      return;
    }
    int index = Message.readInt(datagram, Message.RESPONSE_RECEIVER);
    WireGuardCore owner = shared.owner(index);
    byte[] message = Arrays.copyOf(datagram, Message.RESPONSE_BYTES);
    if (owner == this) {
      consumeResponse(index, message, source, socket, now);
    } else {
      owner.takeOver(this, later -> owner.consumeResponse(index, message, source, socket, later));
    }
  }

  private void consumeResponse(
      int index, byte[] message, InetSocketAddress source, int socket, long now) {
    Peer peer = indices.find(index);
    if (peer == null) {
      output.dropped(DropReason.UNKNOWN_INDEX);
    } else {
      peer.handshakes.consumeResponse(message, source, socket, now);
      peer.output.touched();
    }
  }

  private void receiveCookieReply(byte[] datagram, long now) {
    Peer peer = indices.find(Message.readInt(datagram, Message.RECEIVER));
    if (peer == null) {
      output.dropped(DropReason.UNKNOWN_INDEX);
    } else {
      peer.handshakes.consumeCookieReply(datagram, now);
      peer.output.touched();
    }
  }

  /**
   * Whether a handshake message is worth its mathematics: its sender knows our public key, and
   * while we are under load also proves its address and keeps to the rate (paper 5.4.7).
   */
  private boolean isWelcome(
      byte[] message, int length, InetSocketAddress source, int socket, long now) {
    if (!shared.identity.hasValidMac1(message, length)) {
      output.wrongMac1(source);
      output.dropped(DropReason.BAD_MAC1);
      return false;
    }
    if (!shared.load.isUnderLoad(now)) {
      return true;
    }
    if (!shared.cookies.hasValidMac2(message, length, source, now)) {
      byte[] reply = shared.cookies.reply(message, length, source, now);
      output.datagram(reply, reply.length, source, socket);
      output.dropped(DropReason.UNDER_LOAD);
      return false;
    }
    if (!shared.handshakeLimits.take(source.getAddress(), now)) {
      output.dropped(DropReason.RATE_LIMITED);
      return false;
    }
    return true;
  }

  /** Tells the end of the under-load mode, should it have come unnoticed. */
  void watchEndOfLoad(long now) {
    if (shared.load.isAnnounced()) {
      watchLoad(now);
    }
  }

  private void watchLoad(long now) {
    HandshakeLoad.Change change = shared.load.change(now);
    if (change != HandshakeLoad.Change.NONE) {
      output.cookieMode(change == HandshakeLoad.Change.BEGAN);
    }
  }

  CoreOutput output() {
    return output;
  }
}
