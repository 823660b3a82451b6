package dev.tailbridge.wireguard;

import io.netty.channel.Channel;
import io.netty.channel.unix.Buffer;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;

/**
 * Lets the kernel bring each datagram to the event loop that its receiver index names: a classic
 * BPF program on a group of SO_REUSEPORT sockets, which needs no privilege (Linux 4.5).
 *
 * <p>The program sees the UDP payload. Its result is the number of a socket, in the order in which
 * they were bound; a datagram too short for it goes to the first. Initiations name nobody on our
 * side: they are spread by the random index of their sender.
 */
final class ReuseportFilter {

  private static final int SOL_SOCKET = 1;
  private static final int SO_ATTACH_REUSEPORT_CBPF = 51;

  private static final int LOAD_BYTE = 0x30;
  private static final int JUMP = 0x05;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int AND = 0x54;
  private static final int RETURN_ACCUMULATOR = 0x16;

  private static final int INSTRUCTION_BYTES = 8;

  /** The message type, and the low byte of the receiver's index in a response and elsewhere. */
  private static final int TYPE = 0;

  private static final int RESPONSE = 2;
  private static final int RESPONSE_RECEIVER = 8;
  private static final int RECEIVER = 4;

  /** struct sock_fprog: a 16-bit count, padding, a pointer. */
  private static final int POINTER_OFFSET = Buffer.addressSize();

  private static final RawUnixChannelOption ATTACH =
      new RawUnixChannelOption(
          "SO_ATTACH_REUSEPORT_CBPF", SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, 2 * POINTER_OFFSET);

  private ReuseportFilter() {}

  /**
   * Attaches the program to the group that a socket belongs to.
   *
   * @param channel an epoll channel
   * @param sockets how many there are in the group: a power of two
   * @return false when the kernel refuses, as a sandbox may make it
   */
  static boolean attach(Channel channel, int sockets) {
    ByteBuffer program = program(sockets);
    ByteBuffer header = Buffer.allocateDirectWithNativeOrder(2 * POINTER_OFFSET);
    try {
      header.putShort(0, (short) (program.capacity() / INSTRUCTION_BYTES));
      if (POINTER_OFFSET == Long.BYTES) {
        header.putLong(POINTER_OFFSET, Buffer.memoryAddress(program));
      } else {
        header.putInt(POINTER_OFFSET, (int) Buffer.memoryAddress(program));
      }
      return channel.config().setOption(ATTACH, header);
    } catch (RuntimeException e) {
      return false;
    } finally {
      Buffer.free(header);
      Buffer.free(program);
    }
  }

  private static ByteBuffer program(int sockets) {
    int[][] instructions = {
      {LOAD_BYTE, 0, 0, TYPE},
      {JUMP_IF_EQUAL, 0, 2, RESPONSE},
      {LOAD_BYTE, 0, 0, RESPONSE_RECEIVER},
      {JUMP, 0, 0, 1},
      {LOAD_BYTE, 0, 0, RECEIVER},
      {AND, 0, 0, sockets - 1},
      {RETURN_ACCUMULATOR, 0, 0, 0},
    };
    ByteBuffer program =
        Buffer.allocateDirectWithNativeOrder(instructions.length * INSTRUCTION_BYTES);
    for (int[] instruction : instructions) {
      program.putShort((short) instruction[0]);
      program.put((byte) instruction[1]).put((byte) instruction[2]);
      program.putInt(instruction[3]);
    }
    program.flip();
    return program;
  }
}
