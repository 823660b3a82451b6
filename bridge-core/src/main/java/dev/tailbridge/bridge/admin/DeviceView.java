package dev.tailbridge.bridge.admin;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One device as the API shows it.
 *
 * @param publicKey base64
 * @param state one of {@code online}, {@code waiting for device}, {@code away}, {@code waiting for
 *     login}, {@code waiting for approval}, {@code starting}, {@code left}, {@code failed}
 * @param reason why that is so and what to do, as a sentence; empty when nothing is to be done
 * @param tailnet its name in the configuration; null for a plain WireGuard peer
 * @param tailnetName the full name in the tailnet; null until it is known
 * @param loginUrl where somebody must log the node in; null when nobody must
 * @param endpoint the address that the device was last heard from; null before
 * @param lastHandshake RFC 3339, UTC; null before the first
 * @param rxBytes IP bytes that came from the device
 * @param txBytes IP bytes that went to the device
 * @param nodeState the tailnet node's own word for its state; null without a node
 * @param derpHome the node's home relay; null until it is known
 * @param keyExpiry when the node's key ends, RFC 3339; null when it does not
 * @param ports what callers reach
 * @param allow who may call; null for everybody whom the tailnet's own rules let in
 * @param drops how many packets were dropped, by reason
 * @param moves how often its endpoint changed, by what is new: "first", "port", "address"
 * @param rescued how often it came with a clock that was set back, and was let in all the same
 * @param rescues how that goes: how often it was tried ({@code sent}), {@code answered}, {@code
 *     unanswered}, or left by a limit ({@code suppressed_…})
 * @param clockBehindSeconds how far its clock was behind when that last happened; null when it
 *     never did
 * @param handshakes how they ended
 * @param splices its TCP connections; null when its TCP is routed
 * @param nodeTraffic what its node carried; null without a node
 * @param tailnetPath by which way its node reaches the machines that it talks with, as seen twice a
 *     minute: {@code direct}, {@code derp} when some are reached by a relay alone, {@code none}
 *     when it talks with nobody; null without a tailnet
 * @param findings what somebody can mend
 */
public record DeviceView(
    String name,
    String publicKey,
    String tunnelAddress,
    String state,
    String reason,
    @Nullable String tailnet,
    @Nullable String tailnetName,
    List<String> tailnetAddresses,
    @Nullable String loginUrl,
    @Nullable String endpoint,
    @Nullable String lastHandshake,
    long rxBytes,
    long txBytes,
    @Nullable String nodeState,
    @Nullable String derpHome,
    @Nullable String keyExpiry,
    PortsView ports,
    @Nullable List<String> allow,
    Map<String, Long> drops,
    Map<String, Long> moves,
    long rescued,
    Map<String, Long> rescues,
    @Nullable Long clockBehindSeconds,
    HandshakesView handshakes,
    @Nullable SplicesView splices,
    @Nullable NodeTrafficView nodeTraffic,
    @Nullable String tailnetPath,
    List<FindingView> findings) {

  public DeviceView {
    tailnetAddresses = List.copyOf(tailnetAddresses);
    allow = allow == null ? null : List.copyOf(allow);
    drops = Collections.unmodifiableMap(new TreeMap<>(drops));
    moves = Collections.unmodifiableMap(new TreeMap<>(moves));
    rescues = Collections.unmodifiableMap(new TreeMap<>(rescues));
    findings = List.copyOf(findings);
  }
}
