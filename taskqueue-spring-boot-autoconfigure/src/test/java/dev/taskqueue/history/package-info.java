/**
 * What happened in a run, as those who took part wrote it down, and whether the promises
 * were kept.
 * <p>
 * Submitting programs, jobs and nodes append each entry to a file of their own, and
 * whoever leads the run adds what the store held at the end. Nothing here asks the system
 * under test: {@link dev.taskqueue.history.Checker} decides by the entries alone.
 * <p>
 * To add a promise: a constant of {@link dev.taskqueue.history.Rule}, and a history that
 * breaks it in {@code CheckerTests}, which does not compile without one.
 */
@NullMarked
package dev.taskqueue.history;

import org.jspecify.annotations.NullMarked;
