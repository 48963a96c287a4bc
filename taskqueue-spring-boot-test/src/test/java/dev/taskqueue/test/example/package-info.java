/**
 * The examples of {@code docs/testing.md}.
 */
@NullMarked
package dev.taskqueue.test.example;

import org.jspecify.annotations.NullMarked;
