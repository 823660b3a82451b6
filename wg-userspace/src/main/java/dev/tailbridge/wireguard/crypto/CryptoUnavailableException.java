package dev.tailbridge.wireguard.crypto;

/** A provider was asked for by name and cannot be used; the message says why and what to do. */
public final class CryptoUnavailableException extends Exception {

  private static final long serialVersionUID = 1L;

  CryptoUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
