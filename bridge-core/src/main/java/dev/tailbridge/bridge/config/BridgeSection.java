package dev.tailbridge.bridge.config;

import dev.tailbridge.wireguard.PrivateKey;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code [bridge]}: the process and its WireGuard side.
 *
 * @param endpoint what devices are told to dial; null when the file does not say
 * @param listen the UDP sockets of the WireGuard side
 * @param listenIsDefault the file names no addresses, so one that the host cannot serve is left out
 *     without a word
 * @param privateKey null: the bridge makes one in {@code stateDir} on its first start
 * @param dnsServers who knows ordinary names; empty for the host's own name servers
 * @param stateDir absolute
 */
public record BridgeSection(
    @Nullable HostAndPort endpoint,
    List<InetSocketAddress> listen,
    boolean listenIsDefault,
    @Nullable PrivateKey privateKey,
    TunnelNetwork network,
    List<InetSocketAddress> dnsServers,
    Path stateDir,
    Crypto crypto,
    LogLevel logLevel,
    LogFormat logFormat) {

  public BridgeSection {
    listen = List.copyOf(listen);
    dnsServers = List.copyOf(dnsServers);
  }

  /** Which implementation of ChaCha20-Poly1305 seals and opens the packets. */
  public enum Crypto {
    AUTO,
    BOUNCYCASTLE,
    CONSCRYPT,
    JDK;

    /** As it is written in the file. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The least severe lines that are logged. */
  public enum LogLevel {
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  /** How a log line is written. */
  public enum LogFormat {
    TEXT,
    JSON
  }
}
