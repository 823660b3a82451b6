package dev.tailbridge.tailnet;

/**
 * A TLS certificate for one of the node's names. {@link #toString} hides the key.
 *
 * @param certificatePem the chain
 * @param keyPem the private key
 */
public record Certificate(String certificatePem, String keyPem) {

  @Override
  public String toString() {
    return "Certificate[key hidden]";
  }
}
