/** What lies in {@code deploy/}, tried with the tools that it is for, where they are there. */
package dev.tailbridge.deploy;
