package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.FragmentDrop;

/** Why a packet went no further, each with a sentence for people. */
public enum ForwardDrop {
  NO_NODE("the device's tailnet node has no address yet: wait until it is connected, or log it in"),
  OTHER_DESTINATION(
      "not addressed to this node: subnet routes and exit nodes are not served by a device"),
  FORGED_SOURCE("the source is an address that cannot come from there"),
  MALFORMED("lengths, flags or version of the packet do not agree with each other"),
  IP_OPTIONS("IPv4 options are not forwarded"),
  BAD_CHECKSUM("a checksum of the packet is wrong"),
  NOT_A_FLOW("TCP packet without a connection (the tailnet's ACL lets them through)"),
  REPLY_TO_NOTHING("answer to a ping that nobody sent, or sent too long ago"),
  ERROR_WITHOUT_FLOW("ICMP error about a packet that was not forwarded"),
  UNSUPPORTED_PROTOCOL("only TCP, UDP and ICMP are forwarded"),
  UNSUPPORTED_ICMP("of ICMP only ping and errors about forwarded packets are forwarded"),
  FRAGMENT_INCOMPLETE("some fragments of the datagram never came"),
  FRAGMENT_OVERLAP("fragments of the datagram overlap, which no honest sender's do"),
  FRAGMENT_TABLE_FULL("too many or too large datagrams in fragments at the same time"),
  TOO_BIG_FOR_DEVICE("larger than the device's link carries, and devices do not reassemble"),
  TOO_BIG_FOR_TAILNET("larger than the tailnet carries, and its sender forbids fragments"),
  TABLE_FULL("as many connections as the device's translation table holds"),
  NO_EGRESS("destination is neither the bridge nor the tailnet"),
  DEVICE_TO_DEVICE("devices do not reach each other by tunnel addresses: use the tailnet's"),
  HAIRPIN("the device calls itself by its tailnet or tunnel address"),
  MULTICAST("broadcast and multicast stay on their own network"),
  PORT_CLOSED("the device's ports in devices.toml leave this one out"),
  CALLER_DENIED("the caller is not among those that allow in devices.toml lets in"),
  CALLER_UNKNOWN("the tailnet did not say in time who the caller is, so it is not let in"),
  CALLERS_WAITING(
      "the tailnet has not said yet who sent it, and this packet cannot wait with the others"),
  BRIDGE_PORT_CLOSED("nothing listens there at the bridge's tunnel address"),
  BAD_QUESTION("not a question that the bridge's DNS or NTP understands"),
  TOO_MANY_QUESTIONS("more questions to the bridge's DNS or NTP than a device may ask at a time"),
  IPV6_CALLER(
      "IPv6 callers do not reach routed TCP: call the device by its IPv4 address, or splice its"
          + " TCP"),
  IPV6_FROM_DEVICE("devices are served over IPv4 only");

  private final String explanation;

  ForwardDrop(String explanation) {
    this.explanation = explanation;
  }

  /** One sentence without a full stop: what happened and, where something helps, what to do. */
  public String explanation() {
    return explanation;
  }

  static ForwardDrop of(FragmentDrop reason) {
    return switch (reason) {
      case MALFORMED -> MALFORMED;
      case TOO_BIG -> TOO_BIG_FOR_DEVICE;
      case INCOMPLETE -> FRAGMENT_INCOMPLETE;
      case OVERLAP -> FRAGMENT_OVERLAP;
      case TABLE_FULL -> FRAGMENT_TABLE_FULL;
    };
  }
}
