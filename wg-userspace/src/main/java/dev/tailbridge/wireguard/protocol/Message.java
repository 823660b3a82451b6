package dev.tailbridge.wireguard.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The four messages on the wire (paper 5.4): types, lengths and offsets. The type is a
 * little-endian word, so the three reserved bytes are checked with it.
 */
final class Message {

  static final int INITIATION = 1;
  static final int RESPONSE = 2;
  static final int COOKIE_REPLY = 3;
  static final int TRANSPORT = 4;

  static final int INITIATION_BYTES = 148;
  static final int RESPONSE_BYTES = 92;
  static final int COOKIE_REPLY_BYTES = 64;

  /** A keepalive: header and tag alone. */
  static final int TRANSPORT_MIN_BYTES = 32;

  static final int SENDER = 4;
  static final int INITIATION_EPHEMERAL = 8;
  static final int INITIATION_STATIC = 40;
  static final int INITIATION_TIMESTAMP = 88;

  static final int RESPONSE_RECEIVER = 8;
  static final int RESPONSE_EPHEMERAL = 12;
  static final int RESPONSE_EMPTY = 44;

  /** Where the receiver's index stands in cookie replies and transport messages. */
  static final int RECEIVER = 4;

  static final int COOKIE_NONCE = 8;
  static final int COOKIE_SEALED = 32;

  static final int TRANSPORT_COUNTER = 8;
  static final int TRANSPORT_PACKET = 16;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Message() {}

  /** The type of a message whose length agrees with it; 0 for anything else. */
  static int type(byte[] datagram, int length) {
    if (length < 4) {
      return 0;
    }
    int type = readInt(datagram, 0);
    boolean agrees =
        switch (type) {
          case INITIATION -> length == INITIATION_BYTES;
          case RESPONSE -> length == RESPONSE_BYTES;
          case COOKIE_REPLY -> length == COOKIE_REPLY_BYTES;
          case TRANSPORT -> length >= TRANSPORT_MIN_BYTES;
          default -> false;
        };
    return agrees ? type : 0;
  }

  static int readInt(byte[] message, int offset) {
    return (int) INT.get(message, offset);
  }

  static void writeInt(byte[] message, int offset, int value) {
    INT.set(message, offset, value);
  }

  static long readLong(byte[] message, int offset) {
    return (long) LONG.get(message, offset);
  }

  static void writeLong(byte[] message, int offset, long value) {
    LONG.set(message, offset, value);
  }
}
