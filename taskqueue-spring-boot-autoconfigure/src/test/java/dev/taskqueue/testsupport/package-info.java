/**
 * What tests stand on: a real MongoDB server that all of a JVM share, one of a test's own
 * that can be frozen and killed, a network that can be cut, the embedded server, and a
 * clock that is moved by hand.
 */
@NullMarked
package dev.taskqueue.testsupport;

import org.jspecify.annotations.NullMarked;
