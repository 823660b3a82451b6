package dev.tailbridge.tailnet;

/**
 * What a node enrols with. Needed at first enrolment only; afterwards the node's directory holds
 * its identity.
 *
 * <p>{@link Object#toString} never shows the secret.
 */
public sealed interface Credential {

  /** An auth key: {@code tskey-auth-…}, or Headscale's {@code hskey-auth-…} and bare hex keys. */
  record AuthKey(String secret) implements Credential {
    public AuthKey {
      requireSecret(secret, "auth key");
    }

    @Override
    public String toString() {
      return "AuthKey[hidden]";
    }
  }

  /** An OAuth client secret, {@code tskey-client-…}; the node needs tags with it. */
  record ClientSecret(String secret) implements Credential {
    public ClientSecret {
      requireSecret(secret, "client secret");
    }

    @Override
    public String toString() {
      return "ClientSecret[hidden]";
    }
  }

  /** Nothing: the stored identity, or a login in a browser at {@link NodeStatus#authUrl()}. */
  record None() implements Credential {}

  /** Returns {@link None}. */
  static Credential none() {
    return new None();
  }

  private static void requireSecret(String secret, String what) {
    if (secret.isBlank()) {
      throw new IllegalArgumentException("the " + what + " is empty: give one, or none at all");
    }
  }
}
