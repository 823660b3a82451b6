/**
 * Benchmarks of whole processes against each other, over loopback: ours ({@link
 * dev.tailbridge.benchmarks.rival.WireGuardServer}) and wireguard-go's ({@code lab wgleg}), which
 * speak the same commands and are loaded by the same clients of the lab; and the whole bridge
 * beside {@code lab goway} ({@link dev.tailbridge.benchmarks.rival.BridgeComparison}).
 *
 * <p>What runs takes turns, so that a machine that becomes slower becomes so for both; medians and
 * ratios of one run count. Each class with a {@code main} is one comparison:
 *
 * <pre>{@code
 * java -cp benchmarks/target/benchmarks.jar dev.tailbridge.benchmarks.rival.PacketRate --lab LAB
 * }</pre>
 */
@NullMarked
package dev.tailbridge.benchmarks.rival;

import org.jspecify.annotations.NullMarked;
