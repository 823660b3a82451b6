/**
 * What Prometheus reads. The bridge counts in plain fields where the counted things happen; a
 * scrape takes one picture of the bridge and shows that, so no packet pays for it.
 *
 * <p>{@code docs/metrics.md} lists every metric, and a test holds it against a running registry.
 */
@NullMarked
package dev.tailbridge.bridge.admin.metrics;

import org.jspecify.annotations.NullMarked;
