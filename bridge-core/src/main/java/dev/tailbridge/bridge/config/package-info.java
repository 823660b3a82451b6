/**
 * {@code devices.toml} as immutable records.
 *
 * <p>{@link dev.tailbridge.bridge.config.ConfigReader} reads the file, reports every problem in it
 * at once with line, column and remedy, and hands back a {@link
 * dev.tailbridge.bridge.config.BridgeConfig} in which nothing is left to check. {@link
 * dev.tailbridge.bridge.config.DeviceEditor} changes the text.
 */
@NullMarked
package dev.tailbridge.bridge.config;

import org.jspecify.annotations.NullMarked;
