package dev.tailbridge.benchmarks.rival;

import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.wireguard.WireGuardPeer;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is behind one peer: UDP packets to port 7 go back, all are counted. Loop-confined but for
 * its counters.
 */
final class InnerSide implements PacketReceiver {

  private static final int ECHO_PORT = 7;
  private static final int UDP = 17;
  private static final int PROTOCOL = 9;
  private static final int SOURCE = 12;
  private static final int DESTINATION = 16;
  private static final int SOURCE_PORT = 20;
  private static final int DESTINATION_PORT = 22;
  private static final int HEADERS = 28;

  /** Single writer: the peer's loop. */
  private final AtomicLong received = new AtomicLong();

  private final AtomicLong receivedBytes = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private WireGuardPeer peer;
  private boolean wrote;

  void attach(WireGuardPeer added) {
    peer = added;
    added.receiver(this);
  }

  WireGuardPeer peer() {
    return peer;
  }

  @Override
  public void packet(ByteBuf packet) {
    add(received, 1);
    add(receivedBytes, packet.readableBytes());
    if (!isEcho(packet)) {
      packet.release();
      return;
    }
    int start = packet.readerIndex();
    int source = packet.getInt(start + SOURCE);
    packet.setInt(start + SOURCE, packet.getInt(start + DESTINATION));
    packet.setInt(start + DESTINATION, source);
    short port = packet.getShort(start + SOURCE_PORT);
    packet.setShort(start + SOURCE_PORT, packet.getShort(start + DESTINATION_PORT));
    packet.setShort(start + DESTINATION_PORT, port);
    write(packet);
    wrote = true;
  }

  private static boolean isEcho(ByteBuf packet) {
    int start = packet.readerIndex();
    return packet.readableBytes() >= HEADERS
        && packet.getByte(start) == 0x45
        && packet.getByte(start + PROTOCOL) == UDP
        && packet.getUnsignedShort(start + DESTINATION_PORT) == ECHO_PORT;
  }

  @Override
  public void batchComplete() {
    if (wrote) {
      wrote = false;
      peer.flush();
    }
  }

  /** On the loop; {@code peer().flush()} sends. */
  void write(ByteBuf packet) {
    add(sent, 1);
    peer.write(packet);
  }

  long received() {
    return received.getOpaque();
  }

  long receivedBytes() {
    return receivedBytes.getOpaque();
  }

  long sent() {
    return sent.getOpaque();
  }

  private static void add(AtomicLong counter, long amount) {
    counter.setOpaque(counter.getPlain() + amount);
  }
}
