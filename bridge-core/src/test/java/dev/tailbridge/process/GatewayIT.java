package dev.tailbridge.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.EnvironmentBridge;
import dev.tailbridge.lab.FreePorts;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Gateway rules on the real road: wireguard-go with gVisor is the server that the bridge dials, and
 * the machine behind it, or a device.
 */
class GatewayIT {

  private static final int MEGABYTE = 1 << 20;
  private static final long MOST_KIB = 120 << 10;

  @TempDir Path folder;
  private final PrivateKey key = PrivateKey.generate(new SecureRandom());
  private final LabDevice server = new LabDevice("behind", "10.6.0.2").with("-idle");
  private EnvironmentBridge bridge;

  @AfterEach
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    server.close();
  }

  /** Starts both, and waits for the tunnel. */
  private void start(Map<String, String> more) throws IOException {
    server.start(key.publicKey(), 1, folder);
    server.ask("listen");
    bridge =
        new EnvironmentBridge(folder)
            .set("WG_PRIVATE_KEY", key.toBase64())
            .set("WG_PUBLIC_KEY", server.publicKey().toBase64())
            .set("WG_ADDRESS", "10.6.0.1")
            .set("WG_ALLOWED_IP", "10.6.0.2/32")
            .set("WG_ENDPOINT", "localhost:" + server.port())
            .set("LOG_FORMAT", "json")
            .healthPort(FreePorts.tcpAndUdp())
            .set(more)
            .start();
    bridge.awaitLog("connected to");
  }

  private static byte[] exchange(int port, byte[] said) throws Exception {
    try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), port)) {
      caller.setSoTimeout(60_000);
      Thread speaker =
          new Thread(
              () -> {
                try {
                  caller.getOutputStream().write(said);
                  caller.shutdownOutput();
                } catch (IOException e) {
                  // The answer is missing, then.
                }
              });
      speaker.start();
      byte[] heard = caller.getInputStream().readAllBytes();
      speaker.join();
      return heard;
    }
  }

  private static String page(int port) throws Exception {
    return new String(exchange(port, "GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII)), US_ASCII);
  }

  @Test
  void ingress() throws Exception {
    int web = FreePorts.tcpAndUdp();
    int echo = FreePorts.tcpAndUdp();
    start(
        Map.of(
            "PROXY_MODE", "ingress",
            "LISTEN_ADDR", "127.0.0.1",
            "TARGET_HOST", "10.6.0.2",
            "PORT_MAPPINGS", web + ":80," + echo + ":7"));
    assertThat(bridge.health("")).isEqualTo("200 OK");
    assertThat(bridge.health("?mode=tcp")).startsWith("200 ");
    assertThat(bridge.health("?mode=http")).startsWith("200 ");
    assertThat(bridge.health("?mode=tunnel")).startsWith("200 ");
    assertThat(page(web)).startsWith("HTTP/1.0 200 OK").contains("behind");
    byte[] megabyte = new byte[MEGABYTE];
    new Random(7).nextBytes(megabyte);
    assertThat(exchange(echo, megabyte)).as("what came behind the end").isEqualTo(megabyte);

    server.ask("rebind");
    assertThat(result(server, "ping 10.6.0.1 timeout=20")).isEqualTo("ok");
    assertThat(page(web)).as("from the server's new port").contains("behind");

    long kib = bridge.residentKib();
    System.out.println("GatewayIT: the bridge without a tailnet takes " + kib / 1024 + " MiB");
    assertThat(kib).isLessThan(MOST_KIB);
    assertThat(bridge.terminate(Duration.ofSeconds(30))).isEqualTo(143);
    assertThat(bridge.log().lines().toList())
        .isNotEmpty()
        .allSatisfy(line -> assertThat(JsonParser.parseString(line).isJsonObject()).isTrue())
        .noneSatisfy(line -> assertThat(line).contains(key.toBase64()));
  }

  /** A host on the ordinary network with a page of so many bytes. */
  private static HttpServer web(int bytes) throws IOException {
    byte[] body = new byte[bytes];
    new Random(8).nextBytes(body);
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    web.start();
    return web;
  }

  /** A socket that sends everything back, until it is closed. */
  private static DatagramSocket echo() throws IOException {
    DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread echoing =
        new Thread(
            () -> {
              DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
              while (!socket.isClosed()) {
                try {
                  packet.setLength(2048);
                  socket.receive(packet);
                  socket.send(packet);
                } catch (IOException e) {
                  // Closed, or the one who asked is.
                }
              }
            });
    echoing.setDaemon(true);
    echoing.start();
    return socket;
  }

  /** What comes back to a socket for a datagram. */
  private static String echoed(DatagramSocket socket, String text, int port) throws IOException {
    socket.setSoTimeout(60_000);
    byte[] bytes = text.getBytes(US_ASCII);
    socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
    DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
    socket.receive(answer);
    return new String(answer.getData(), 0, answer.getLength(), US_ASCII);
  }

  /**
   * A device that calls the bridge and is called, by TCP and UDP. With the next version of the file
   * all rules go but one, of which even the flow stays.
   */
  @Test
  void aDeviceOfTheFile() throws Exception {
    int port = FreePorts.tcpAndUdp();
    HttpServer web = web(MEGABYTE);
    DatagramSocket echo = echo();
    LabDevice chip = new LabDevice("chip", "10.6.0.2");
    BridgeFiles files =
        new BridgeFiles(folder)
            .device(
                chip,
                "none",
                "[[gateway]]",
                "mode = \"ingress\"",
                "protocol = \"udp\"",
                "listen = \"127.0.0.1:" + port + "\"",
                "target = \"chip:7\"",
                "[[gateway]]",
                "mode = \"ingress\"",
                "listen = \"127.0.0.1:" + port + "\"",
                "target = \"chip:80\"",
                "[[gateway]]",
                "mode = \"egress\"",
                "protocol = \"udp\"",
                "listen = \"8080\"",
                "target = \"localhost:" + echo.getLocalPort() + "\"",
                "from = [\"*\"]",
                "[[gateway]]",
                "mode = \"egress\"",
                "listen = \"8080\"",
                "target = \"localhost:" + web.getAddress().getPort() + "\"",
                "from = [\"chip\"]");
    try (BridgeProcess running = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
        DatagramSocket caller = new DatagramSocket();
        echo;
        chip) {
      chip.start(running.publicKey(), files.wireGuardPort(), folder);
      assertThat(chip.ask("connect wait=30").get("connected").getAsBoolean()).isTrue();
      assertThat(page(port)).startsWith("HTTP/1.0 200 OK").contains("chip");
      assertThat(chip.ask("sum http://10.6.0.1:8080/").get("bytes").getAsInt()).isEqualTo(MEGABYTE);
      assertThat(chip.ask("udp 10.6.0.1:8080 hello size=1300 timeout=20").get("bytes").getAsInt())
          .isEqualTo(1300);
      assertThat(echoed(caller, "before", port)).isEqualTo("before");

      Path file = folder.resolve("devices.toml");
      String text = Files.readString(file);
      int second = text.indexOf("[[gateway]]", text.indexOf("[[gateway]]") + 1);
      files.write(text.substring(0, second));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> result(chip, "tcp 10.6.0.1:8080").equals("refused"));
      assertThatThrownBy(() -> page(port)).isInstanceOf(ConnectException.class);
      assertThat(result(chip, "udp 10.6.0.1:8080 hello timeout=0.3")).isEqualTo("timeout");
      assertThat(echoed(caller, "afterwards", port)).isEqualTo("afterwards");
      JsonArray rules = running.status().getAsJsonArray("gateways");
      assertThat(rules).hasSize(1);
      JsonObject rule = rules.get(0).getAsJsonObject();
      assertThat(rule.get("connections").getAsInt()).as("one flow, before and after").isEqualTo(1);
      assertThat(rule.get("bytesToTarget").getAsInt()).isEqualTo(16);
      assertThat(rule.get("bytesFromTarget").getAsInt()).isEqualTo(16);
    } finally {
      web.stop(0);
    }
  }

  private static String result(LabDevice device, String command) {
    return device.ask(command).get("result").getAsString();
  }

  @Test
  void egress() throws Exception {
    HttpServer web = web(MEGABYTE);
    try {
      start(
          Map.of(
              "TARGET_HOST", "localhost",
              "LOCAL_PORT", "8080",
              "TARGET_PORT", String.valueOf(web.getAddress().getPort())));
      assertThat(server.ask("sum http://10.6.0.1:8080/").get("bytes").getAsInt())
          .isEqualTo(MEGABYTE);
      assertThat(result(server, "tcp 10.6.0.1:9")).isEqualTo("refused");
      assertThat(bridge.health("?mode=http&path=/ready&timeout=20s")).startsWith("200 ");
      web.stop(0);
      assertThat(bridge.health("?mode=tcp")).startsWith("503 ");
      assertThat(bridge.health("?mode=tunnel")).startsWith("200 ");
      assertThat(result(server, "tcp 10.6.0.1:8080")).isEqualTo("refused");
    } finally {
      web.stop(0);
    }
  }
}
