/**
 * The commands, what they print, and how the process begins and ends.
 *
 * <p>{@link dev.tailbridge.bridge.cli.Main} is where {@code java -jar bridge.jar} enters. {@code
 * bridge --config FILE} runs a bridge; the other commands read the file or ask a running bridge
 * over its API.
 */
@NullMarked
package dev.tailbridge.bridge.cli;

import org.jspecify.annotations.NullMarked;
