/**
 * What a device must be told, in the form that its firmware reads.
 *
 * <p>A {@link dev.tailbridge.bridge.cli.format.Provision} holds the facts; a {@link
 * dev.tailbridge.bridge.cli.format.Format} writes them. All of them allow the bridge's network and,
 * where the firmware can hold two, the range of tailnets, never everything: a tunnel that is the
 * default route would carry the time that the tunnel itself needs.
 */
@NullMarked
package dev.tailbridge.bridge.cli.format;

import org.jspecify.annotations.NullMarked;
