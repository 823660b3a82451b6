package dev.tailbridge.tailnet;

/**
 * What passed through a node's packet descriptor since it started, and what was dropped, by reason.
 *
 * @param packetsIn packets from the tailnet handed to the receiver
 * @param bytesIn their bytes, IP headers included
 * @param packetsOut packets taken for the tailnet
 * @param bytesOut their bytes
 * @param droppedFull packets for the tailnet dropped because the node did not read fast enough
 * @param droppedInvalid packets for the tailnet dropped because their size and their IP header
 *     disagree, or they exceed the MTU
 * @param droppedDown packets for the tailnet dropped because the node was not up yet, or no longer
 * @param droppedUnheard packets from the tailnet dropped because nobody had set a receiver, or the
 *     receiver failed
 * @param goDroppedFull packets from the tailnet dropped in Go because Java did not read fast enough
 * @param goBad packets for the tailnet that Go refused
 */
public record LinkCounters(
    long packetsIn,
    long bytesIn,
    long packetsOut,
    long bytesOut,
    long droppedFull,
    long droppedInvalid,
    long droppedDown,
    long droppedUnheard,
    long goDroppedFull,
    long goBad) {}
