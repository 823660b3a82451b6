package dev.tailbridge.benchmarks.rival;

import com.google.gson.JsonObject;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import dev.tailbridge.wireguard.WireGuardPeer;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.CryptoUnavailableException;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Our endpoint as a process of its own, on loopback, with the least that there can be on its inner
 * side; the counterpart of {@code lab wgleg -inside bare}. It speaks the line protocol of the lab:
 * a line of JSON when it is ready, then a command per line in and a line of JSON out.
 *
 * <pre>
 * peers KEY=PREFIX...                                  add peers
 * status                                               what was received, sent and dropped
 * source IP[:PORT] [size=128] [rate=0] [seconds=5]     packets to a peer
 * </pre>
 *
 * <p>UDP packets to port 7 come back, all others are counted. It ends with its input.
 */
public final class WireGuardServer {

  private static final Duration LONGEST = Duration.ofHours(1);

  private final PrivateKey key = PrivateKey.generate(new SecureRandom());
  private final EventLoopGroup loops;
  private final WireGuardEndpoint endpoint;
  private final List<InnerSide> insides = new ArrayList<>();
  private final Map<String, InnerSide> byAddress = new HashMap<>();

  private WireGuardServer(Options options) throws InterruptedException, CryptoUnavailableException {
    loops = new EpollEventLoopGroup(options.integer("loops", 1));
    endpoint =
        WireGuardEndpoint.builder(key, loops)
            .crypto(CryptoProviders.select(options.text("crypto", CryptoProviders.AUTO)).provider())
            .listen(List.of(new InetSocketAddress("127.0.0.1", options.integer("port", 0))))
            .build();
    endpoint.bind().sync();
  }

  /** Options: {@code --loops N}, {@code --port N}, {@code --crypto NAME}. */
  public static void main(String[] args) throws Exception {
    Options options = Options.parse(args, "loops", "port", "crypto");
    WireGuardServer server = new WireGuardServer(options);
    try {
      server.serve();
    } finally {
      server.close();
    }
  }

  private void serve() throws IOException {
    JsonObject ready = new JsonObject();
    ready.addProperty("ready", "server");
    ready.addProperty("publicKey", key.publicKey().toBase64());
    ready.addProperty("port", endpoint.localAddresses().get(0).getPort());
    ready.addProperty("pid", ProcessHandle.current().pid());
    System.out.println(ready);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonObject answer;
      try {
        answer = answer(List.of(line.trim().split("\\s+")));
      } catch (IllegalArgumentException | InterruptedException e) {
        answer = new JsonObject();
        answer.addProperty("error", e.toString());
      }
      System.out.println(answer);
    }
  }

  private JsonObject answer(List<String> words) throws InterruptedException {
    List<String> arguments = words.subList(1, words.size());
    return switch (words.get(0)) {
      case "peers" -> addPeers(arguments);
      case "status" -> status();
      case "source" -> source(arguments);
      default -> throw new IllegalArgumentException("unknown command " + words.get(0));
    };
  }

  private JsonObject addPeers(List<String> peers) throws InterruptedException {
    Semaphore ready = new Semaphore(0);
    for (String text : peers) {
      int split = text.lastIndexOf('=');
      PublicKey device = PublicKey.fromBase64(text.substring(0, split));
      IpPrefix prefix = IpPrefix.parse(text.substring(split + 1));
      InnerSide inside = new InnerSide();
      insides.add(inside);
      byAddress.put(prefix.address().getHostAddress(), inside);
      WireGuardPeer unused =
          endpoint.addPeer(
              PeerConfig.of("peer" + insides.size(), device, List.of(prefix)),
              peer -> {
                inside.attach(peer);
                ready.release();
              });
    }
    if (!ready.tryAcquire(peers.size(), 10, TimeUnit.SECONDS)) {
      throw new IllegalArgumentException("the peers were not added in time");
    }
    return new JsonObject();
  }

  private JsonObject status() {
    JsonObject status = new JsonObject();
    status.addProperty("received", insides.stream().mapToLong(InnerSide::received).sum());
    status.addProperty("receivedBytes", insides.stream().mapToLong(InnerSide::receivedBytes).sum());
    status.addProperty("sent", insides.stream().mapToLong(InnerSide::sent).sum());
    JsonObject drops = new JsonObject();
    long dropped = 0;
    for (DropReason reason : DropReason.values()) {
      long count = endpoint.dropped(reason);
      if (count > 0) {
        dropped += count;
        drops.addProperty(reason.name(), count);
      }
    }
    status.addProperty("dropped", dropped);
    status.add("drops", drops);
    return status;
  }

  private JsonObject source(List<String> arguments) throws InterruptedException {
    Options options = Options.ofWords(arguments.subList(1, arguments.size()));
    String address = arguments.get(0).split(":")[0];
    InnerSide inside = byAddress.get(address);
    if (inside == null) {
      throw new IllegalArgumentException("no peer has the address " + address);
    }
    Duration span = Duration.ofSeconds(options.integer("seconds", 5));
    if (span.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("that is too long");
    }
    PacketSource source =
        new PacketSource(
            inside, address, options.integer("size", 128), options.integer("rate", 0), span);
    source.run();
    JsonObject answer = new JsonObject();
    answer.addProperty("sent", source.sent());
    answer.addProperty("seconds", source.seconds());
    return answer;
  }

  private void close() throws InterruptedException {
    endpoint.close().sync();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }
}
