/**
 * Trials: real processes and a real replica set, to which all that happens in years is
 * done within minutes, while programs submit jobs; afterwards the
 * {@link dev.taskqueue.history.Checker} decides.
 * <p>
 * To add a fault: a constant of {@link dev.taskqueue.trial.Fault}.
 */
@NullMarked
package dev.taskqueue.trial;

import org.jspecify.annotations.NullMarked;
