/** Small programs that show how this module is used. */
package dev.tailbridge.examples;
