/** The TCP stack of wg-userspace against stacks that we did not write. */
package dev.tailbridge.netstack;
