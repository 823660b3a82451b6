package dev.tailbridge.lab;

/** A control server on loopback with its DERP and STUN. */
public interface ControlPlane extends AutoCloseable {

  /** For {@code control_url}. */
  String url();

  /** A reusable key of this user, who is made when missing. */
  String authKey(String user);

  @Override
  void close();
}
