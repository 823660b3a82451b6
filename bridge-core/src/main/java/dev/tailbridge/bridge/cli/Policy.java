package dev.tailbridge.bridge.cli;

/**
 * The access rules to paste into a control server: people reach the devices, and the devices are
 * hidden from one another, since each node that sees N others costs memory for N of them.
 */
final class Policy {

  private Policy() {}

  /** For a Headscale. */
  static String headscale(String tag) {
    return """
    {
      // Who may give a machine this tag. A pre-auth key made with --tags needs nobody here.
      "tagOwners": { "%1$s": [] },
      "acls": [
        // People reach each other and the devices. The devices are no source in any rule, so they
        // neither reach nor see each other. This replaces a rule that lets everything through.
        { "action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:member:*", "%1$s:*"] }
        // Where devices shall call machines of people, add:
        // , { "action": "accept", "src": ["%1$s"], "dst": ["autogroup:member:*"] }
      ]
    }
    """
        .formatted(tag);
  }

  /** For Tailscale: Access controls in its admin console. */
  static String tailscale(String tag) {
    return """
    {
      // Who may give a machine this tag.
      "tagOwners": { "%1$s": ["autogroup:admin"] },
      "grants": [
        // People reach each other and the devices. The devices are no source in any rule, so they
        // neither reach nor see each other. This replaces the rule that lets everything through.
        { "src": ["autogroup:member"], "dst": ["autogroup:member", "%1$s"], "ip": ["*"] }
        // Where devices shall call machines of people, add:
        // , { "src": ["%1$s"], "dst": ["autogroup:member"], "ip": ["*"] }
      ]
    }
    """
        .formatted(tag);
  }
}
