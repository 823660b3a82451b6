package dev.tailbridge.bridge.admin;

/**
 * One gateway rule. All but {@code open} count from the rule's beginning; of UDP, flows are what
 * connections are of TCP.
 *
 * @param rule for people: {@code ingress tcp 0.0.0.0:9000 to 10.6.0.2:80}
 * @param health what a question about its health calls it
 * @param from the first device that may use it, and whether others may: {@code greenhouse and
 *     others}; empty of ingress. It tells apart the rules at one port of different tunnels
 * @param open connections that there are, those that wait for the target among them
 * @param connections those that were passed on
 * @param refused callers that came when there were too many
 * @param failed callers whose target could not be reached
 * @param idled connections that ended because they were silent
 * @param displaced UDP flows that gave way to newer ones
 * @param dropped datagrams that were not passed on
 * @param bytesToTarget payload
 * @param bytesFromTarget payload
 */
public record GatewayView(
    String rule,
    String health,
    String from,
    int open,
    long connections,
    long refused,
    long failed,
    long idled,
    long displaced,
    long dropped,
    long bytesToTarget,
    long bytesFromTarget) {}
