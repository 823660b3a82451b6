package dev.tailbridge.bridge.admin;

/**
 * Somebody who wanted to connect and is no device.
 *
 * @param publicKey base64; the sender holds its private key
 * @param source where it was heard last, as {@code address:port}
 * @param times how often since the bridge started, or since it was forgotten for newer ones
 * @param last when it was heard last, RFC 3339, UTC
 */
public record UnknownKeyView(String publicKey, String source, long times, String last) {}
