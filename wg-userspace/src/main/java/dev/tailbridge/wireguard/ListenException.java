package dev.tailbridge.wireguard;

import java.net.BindException;
import java.net.InetSocketAddress;

/** A listen address could not be bound; the message names it, the cause says why. */
public final class ListenException extends BindException {

  private static final long serialVersionUID = 1L;

  private final InetSocketAddress address;

  ListenException(InetSocketAddress address, Throwable cause) {
    super(
        "Cannot listen on UDP "
            + address.getAddress().getHostAddress()
            + " port "
            + address.getPort()
            + ": "
            + cause.getMessage());
    initCause(cause);
    this.address = address;
  }

  /** The address that could not be bound. */
  public InetSocketAddress address() {
    return address;
  }
}
