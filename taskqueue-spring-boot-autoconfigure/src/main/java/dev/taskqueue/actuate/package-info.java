/**
 * The endpoint {@code taskqueue} and the health. Reads through the doors of the other
 * packages; what it shows is a picture, and changes nothing.
 * <p>
 * Arguments and results of jobs may hold secrets: they are shown only as
 * {@code management.endpoint.taskqueue.show-values} says, which is never by default.
 */
@NullMarked
package dev.taskqueue.actuate;

import org.jspecify.annotations.NullMarked;
