/**
 * Probes: whether what the configuration names as a target can be reached now.
 *
 * <p>Whoever has something to probe gives {@link dev.tailbridge.bridge.health.HealthTargets} a
 * {@link dev.tailbridge.bridge.health.HealthTarget} with a {@link
 * dev.tailbridge.bridge.health.Dialer}; {@link dev.tailbridge.bridge.health.HealthProbes} does the
 * rest. Nothing else than these targets can be reached by asking for a probe.
 */
@NullMarked
package dev.tailbridge.bridge.health;

import org.jspecify.annotations.NullMarked;
