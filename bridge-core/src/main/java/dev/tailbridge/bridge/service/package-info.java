/**
 * What devices find at the bridge's own tunnel address.
 *
 * <ul>
 *   <li>{@code DnsService}: names, as the device's own node sees them, and ordinary ones where the
 *       device may have those.
 *   <li>{@code NtpService}: the time, as long as the host's clock can be right.
 * </ul>
 *
 * <p>Each device has services of its own, which live on its event loop; see {@link
 * dev.tailbridge.bridge.forward.host.TunnelService}.
 */
@NullMarked
package dev.tailbridge.bridge.service;

import org.jspecify.annotations.NullMarked;
