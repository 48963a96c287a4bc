/**
 * What must hold when something breaks: tests with real processes that are killed, frozen
 * and told to end.
 */
@NullMarked
package dev.taskqueue.fault;

import org.jspecify.annotations.NullMarked;
