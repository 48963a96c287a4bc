/**
 * Finds {@code @AsyncJob} beans; name to function; converts and checks arguments.
 * <p>
 * {@link dev.taskqueue.function.AsyncJobScanner} makes a
 * {@link dev.taskqueue.function.JobFunction} of each annotated method, without creating
 * beans, and refuses what can never work. A function binds the stored arguments of a job
 * to its parameters by {@link dev.taskqueue.function.ArgumentMapper}: what does not
 * convert without loss is an error that names the place, the value, what is expected and
 * what to do.
 */
@NullMarked
package dev.taskqueue.function;

import org.jspecify.annotations.NullMarked;
