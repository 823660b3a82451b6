package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.bridge.forward.ForwardBench.v4;
import static dev.tailbridge.bridge.forward.ForwardBench.v6;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tailbridge.bridge.forward.CallerPolicy.Caller;
import dev.tailbridge.bridge.forward.PortPolicy.PortMap;
import dev.tailbridge.bridge.forward.PortPolicy.Range;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What ports and callers cost a flow that was let in: nothing. */
class EstablishedFlowTest {

  private static final int PACKETS = 50_000;
  private static final int ROUNDS = 6;

  private final List<ByteBuf> toDevice = new ArrayList<>();
  private int asked;

  private DeviceForwarder forwarder(PortPolicy ports) {
    DeviceForwarder made =
        new DeviceForwarder(
            ForwardBench.settings(GATEWAY, ForwardLimits.DEFAULT).withPorts(ports),
            toDevice::add,
            ByteBuf::release,
            (reason, packet) -> {
              throw new AssertionError(reason);
            });
    made.nodeAddresses(v4(NODE), v6(NODE6));
    return made;
  }

  @Test
  void packetsOfAFlowThatWasLetInAllocateNothingMore() {
    long open = Long.MAX_VALUE;
    long limited = Long.MAX_VALUE;
    // In turns, and the best of each: what the compiler has not reached yet allocates more.
    for (int round = 0; round < ROUNDS; round++) {
      open = Math.min(open, bytesPerPacket(forwarder(PortPolicy.OPEN)));
      limited = Math.min(limited, bytesPerPacket(limited()));
    }
    System.out.println("bytes allocated per packet: " + open + " open, " + limited + " limited");
    assertThat(limited).isEqualTo(open);
    assertThat(asked).as("once for each flow").isEqualTo(ROUNDS);
  }

  private DeviceForwarder limited() {
    PortMap mapped = PortMap.of(List.of(new Range(5007, 5007, 7)));
    DeviceForwarder judged = forwarder(new PortPolicy(mapped, mapped, true));
    judged.judgeCallers(
        new CallerPolicy(
            List.of("alice"),
            (caller, policy) -> {
              asked++;
              policy.answered(caller, new Caller("alice", "laptop", List.of()), 0);
            },
            (at, who) -> {}));
    return judged;
  }

  private long bytesPerPacket(DeviceForwarder forwarder) {
    byte[] packet = udp(CALLER, 4000, NODE, 5007, bytes(64)).bytes();
    send(forwarder, packet);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    send(forwarder, packet);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    forwarder.close();
    return allocated / PACKETS;
  }

  private void send(DeviceForwarder forwarder, byte[] packet) {
    for (int i = 0; i < PACKETS; i++) {
      forwarder.fromNode(Unpooled.copiedBuffer(packet), i);
      toDevice.remove(0).release();
    }
  }
}
