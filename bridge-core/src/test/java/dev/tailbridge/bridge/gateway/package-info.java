/** Gateway rules between a simulated tunnel and real sockets on loopback. */
package dev.tailbridge.bridge.gateway;
