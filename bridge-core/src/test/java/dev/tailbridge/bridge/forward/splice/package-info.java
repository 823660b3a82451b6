/** The splice between two simulated links, in virtual time. */
package dev.tailbridge.bridge.forward.splice;
