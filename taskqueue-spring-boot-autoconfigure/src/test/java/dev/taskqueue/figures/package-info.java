/**
 * The first figures of {@code docs/performance.md}: measured through the starter as users
 * have it, beside the bare driver in the same run. Not part of the normal build.
 */
@NullMarked
package dev.taskqueue.figures;

import org.jspecify.annotations.NullMarked;
