package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.protocol.ModelKeypairs.Session;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What a peer does, written from the reference's tables alone: keypairs (1.3), timers (1.5), the
 * rules for initiations (H5, H6, H9) and staged packets (Q1). Constants are spelled out here on
 * purpose. Where the tables leave the order of two effects open, Linux's order holds.
 */
final class ModelPeer {

  static final long NEVER = Long.MAX_VALUE;
  private static final long SECOND = 1_000_000_000L;

  final ModelKeypairs keypairs = new ModelKeypairs();
  final List<ModelMessage> sent = new ArrayList<>();
  final List<Integer> delivered = new ArrayList<>();
  final List<DropReason> drops = new ArrayList<>();
  int completed;
  int abandoned;

  /** The number of our initiation in the one handshake slot; 0 for none. */
  int outgoing;

  private final Set<ModelRow> rows;
  private final IntSupplier numbers;
  private final LongSupplier jitter;
  private final long persistentInterval;
  private boolean hasEndpoint;
  private final Deque<Integer> staged = new ArrayDeque<>();

  private long retransmit = NEVER;
  private long keepalive = NEVER;
  private long newHandshake = NEVER;
  private long zeroing = NEVER;
  private long persistent = NEVER;
  private boolean needAnother;

  /** Ours beyond the tables: after E9's end and until the peer is heard or wanted again. */
  private boolean resting;

  private int attempts;
  private boolean lastMinute;
  private long lastHandshakeMessage = NEVER;
  private boolean lastWasResponse;
  private int greatest;
  private long lastAccepted = NEVER;

  /**
   * With no session.
   *
   * @param numbers numbers for initiations, growing
   * @param jitter nanoseconds, drawn when a row says so
   * @param persistentInterval nanoseconds, 0 for none
   */
  ModelPeer(
      Set<ModelRow> rows,
      IntSupplier numbers,
      LongSupplier jitter,
      long persistentInterval,
      boolean hasEndpoint) {
    this.rows = rows;
    this.numbers = numbers;
    this.jitter = jitter;
    this.persistentInterval = persistentInterval;
    this.hasEndpoint = hasEndpoint;
  }

  void start(long now) {
    if (persistentInterval > 0 && hasEndpoint) {
      sendKeepalive(now);
    }
  }

  void send(int packet, long now) {
    if (!hasEndpoint) {
      rows.add(ModelRow.R3_NO_ENDPOINT);
      drops.add(DropReason.NO_ENDPOINT);
      return;
    }
    if (staged.size() == 128) {
      rows.add(ModelRow.Q1_OVERFLOW);
      staged.removeFirst();
      drops.add(DropReason.STAGED_OVERFLOW);
    }
    staged.addLast(packet);
    sendStaged(now);
  }

  void sendKeepalive(long now) {
    if (!staged.isEmpty()) {
      rows.add(ModelRow.T6);
      sendStaged(now);
    } else if (mayCurrentSend(now)) {
      transmit(ModelMessage.KEEPALIVE, now);
    } else {
      initiate(now);
    }
  }

  private void sendStaged(long now) {
    while (!staged.isEmpty()) {
      if (!mayCurrentSend(now)) {
        rows.add(ModelRow.T5);
        initiate(now);
        return;
      }
      transmit(staged.removeFirst(), now);
    }
  }

  private boolean mayCurrentSend(long now) {
    Session current = keypairs.current;
    if (current == null || !current.maySend(now)) {
      if (keypairs.next != null) {
        rows.add(ModelRow.P2_STAGES_WHILE_UNCONFIRMED);
      }
      if (current != null) {
        rows.add(current.expired(now) ? ModelRow.P5_NOR_SENDS : ModelRow.C1_COUNTER_LIMIT);
      }
      return false;
    }
    return true;
  }

  private void transmit(int packet, long now) {
    Session current = keypairs.current;
    sent.add(new ModelMessage.Transport(current.number, current.sent++, packet));
    authenticatedSent(now);
    if (packet != ModelMessage.KEEPALIVE) {
      rows.add(newHandshake == NEVER ? ModelRow.E1_ARMED : ModelRow.E1_LEFT_ALONE);
      if (newHandshake == NEVER) {
        newHandshake = now + 15 * SECOND + jitter.getAsLong();
      }
    }
    boolean old = now - current.created > 120 * SECOND;
    if (Long.compareUnsigned(current.sent, 1L << 60) > 0) {
      rows.add(ModelRow.T2_COUNTER);
      initiate(now);
    } else if (current.initiator && old) {
      rows.add(ModelRow.T2_AGE);
      initiate(now);
    } else if (old) {
      rows.add(ModelRow.T4_SENDING);
    }
  }

  /** E3 and E8. */
  private void authenticatedSent(long now) {
    if (keepalive != NEVER) {
      rows.add(ModelRow.E3_CANCELS);
    }
    keepalive = NEVER;
    rearmPersistent(now);
  }

  /** E4 and E8. */
  private void authenticatedReceived(long now) {
    if (newHandshake != NEVER) {
      rows.add(ModelRow.E4_CANCELS);
    }
    newHandshake = NEVER;
    resting = false;
    rearmPersistent(now);
  }

  private void rearmPersistent(long now) {
    if (persistentInterval > 0) {
      rows.add(ModelRow.E8);
      persistent =
          now + (resting ? Math.max(persistentInterval, 120 * SECOND) : persistentInterval);
    }
  }

  /** T5, T2, T3, E11: an attempt that is no retry. */
  void initiate(long now) {
    attempts = 0;
    sendInitiation(now);
  }

  private void sendInitiation(long now) {
    if (lastHandshakeMessage != NEVER && now - lastHandshakeMessage < 5 * SECOND) {
      rows.add(lastWasResponse ? ModelRow.T1_AFTER_RESPONSE : ModelRow.T1_AFTER_INITIATION);
      // Ours beyond the tables: what T1 holds back is made up for when its time has come.
      if (retransmit == NEVER) {
        retransmit = lastHandshakeMessage + 5 * SECOND + jitter.getAsLong();
      }
      return;
    }
    if (!hasEndpoint) {
      return;
    }
    rows.add(ModelRow.E5);
    resting = false;
    retransmit = now + 5 * SECOND + jitter.getAsLong();
    call(now);
  }

  private void call(long now) {
    outgoing = numbers.getAsInt();
    sent.add(new ModelMessage.Initiation(outgoing));
    lastHandshakeMessage = now;
    lastWasResponse = false;
    authenticatedSent(now);
  }

  void receive(ModelMessage message, long now) {
    if (message instanceof ModelMessage.Initiation initiation) {
      receiveInitiation(initiation.number(), now);
    } else if (message instanceof ModelMessage.Response response) {
      receiveResponse(response.number(), now);
    } else if (message instanceof ModelMessage.Transport transport) {
      receiveTransport(transport, now);
    }
  }

  private void receiveInitiation(int number, long now) {
    if (number <= greatest) {
      rows.add(ModelRow.H5_STALE);
      drops.add(DropReason.STALE_INITIATION);
      return;
    }
    if (lastAccepted != NEVER && now - lastAccepted < 20_000_000L) {
      rows.add(ModelRow.H6_FLOOD);
      drops.add(DropReason.INITIATION_FLOOD);
      return;
    }
    greatest = number;
    lastAccepted = now;
    if (outgoing != 0) {
      rows.add(ModelRow.H9_INITIATION_REPLACES_OURS);
    }
    outgoing = 0;
    authenticatedReceived(now);
    hasEndpoint = true;
    keypairs.installResponded(new Session(number, false, now), rows);
    sessionDerived(now);
    sent.add(new ModelMessage.Response(number));
    lastHandshakeMessage = now;
    lastWasResponse = true;
    authenticatedSent(now);
  }

  private void receiveResponse(int number, long now) {
    if (outgoing != number) {
      rows.add(ModelRow.H9_RESPONSE_TO_NOTHING);
      drops.add(DropReason.UNKNOWN_INDEX);
      return;
    }
    outgoing = 0;
    authenticatedReceived(now);
    keypairs.installInitiated(new Session(number, true, now), rows);
    sessionDerived(now);
    handshakeComplete();
    rows.add(staged.isEmpty() ? ModelRow.P3_KEEPALIVE : ModelRow.P3_STAGED);
    sendKeepalive(now);
  }

  private void receiveTransport(ModelMessage.Transport transport, long now) {
    Session session = keypairs.find(transport.session());
    if (session == null) {
      rows.add(ModelRow.P4_UNKNOWN);
      drops.add(DropReason.UNKNOWN_INDEX);
      return;
    }
    if (session.expired(now)) {
      rows.add(ModelRow.P5_NEITHER_RECEIVES);
      drops.add(DropReason.EXPIRED_KEY);
      return;
    }
    if (!session.takeCounter(transport.counter())) {
      rows.add(ModelRow.C3_REPLAY);
      drops.add(DropReason.REPLAY);
      return;
    }
    if (session == keypairs.previous) {
      rows.add(ModelRow.P4_PREVIOUS);
    }
    hasEndpoint = true;
    if (keypairs.confirms(session)) {
      rows.add(ModelRow.P2_CONFIRMED);
      handshakeComplete();
      sendStaged(now);
    }
    rekeyOnReceive(now);
    authenticatedReceived(now);
    if (transport.packet() != ModelMessage.KEEPALIVE) {
      rows.add(keepalive == NEVER ? ModelRow.E2_ARMED : ModelRow.E2_NEEDS_ANOTHER);
      needAnother |= keepalive != NEVER;
      keepalive = keepalive == NEVER ? now + 10 * SECOND : keepalive;
      delivered.add(transport.packet());
    }
  }

  private void rekeyOnReceive(long now) {
    Session current = keypairs.current;
    if (current == null || now - current.created <= 165 * SECOND) {
      return;
    }
    if (!current.initiator) {
      rows.add(ModelRow.T4_RECEIVING);
    } else if (lastMinute) {
      rows.add(ModelRow.T3_ONCE);
    } else {
      rows.add(ModelRow.T3);
      lastMinute = true;
      initiate(now);
    }
  }

  private void handshakeComplete() {
    rows.add(ModelRow.E6);
    retransmit = NEVER;
    attempts = 0;
    lastMinute = false;
    completed++;
  }

  private void sessionDerived(long now) {
    rows.add(ModelRow.E7);
    zeroing = now + 540 * SECOND;
  }

  /** The earliest time at which {@link #expire} has something to do. */
  long deadline() {
    long armed = Math.min(Math.min(retransmit, keepalive), Math.min(newHandshake, zeroing));
    return Math.min(armed, persistent);
  }

  void expire(long now) {
    if (zeroing <= now) {
      rows.add(ModelRow.E12);
      zeroing = NEVER;
      outgoing = 0;
      keypairs.clear();
    }
    if (retransmit <= now) {
      retransmit = NEVER;
      retransmitFires(now);
    }
    if (newHandshake <= now) {
      rows.add(ModelRow.E11);
      newHandshake = NEVER;
      initiate(now);
    }
    if (keepalive <= now) {
      rows.add(ModelRow.E10);
      keepalive = NEVER;
      sendKeepalive(now);
      if (needAnother) {
        rows.add(ModelRow.E10_ANOTHER);
        needAnother = false;
        keepalive = now + 10 * SECOND;
      }
    }
    if (persistent <= now) {
      rows.add(ModelRow.E13);
      persistent = NEVER;
      if (!resting || mayCurrentSend(now)) {
        sendKeepalive(now);
      } else if (lastHandshakeMessage != NEVER && now - lastHandshakeMessage < 5 * SECOND) {
        rearmPersistent(now);
      } else if (hasEndpoint) {
        rows.add(ModelRow.E13_RESTING);
        call(now);
      }
    }
  }

  private void retransmitFires(long now) {
    if (attempts > 18) {
      rows.add(ModelRow.E9_ABANDONED);
      keepalive = NEVER;
      resting = true;
      rearmPersistent(now);
      while (!staged.isEmpty()) {
        staged.removeFirst();
        drops.add(DropReason.HANDSHAKE_ABANDONED);
      }
      zeroing = zeroing == NEVER ? now + 540 * SECOND : zeroing;
      abandoned++;
      return;
    }
    rows.add(ModelRow.E9_AGAIN);
    if (lastHandshakeMessage == NEVER || now - lastHandshakeMessage >= 5 * SECOND) {
      attempts++;
    }
    sendInitiation(now);
  }
}
