/**
 * The queue without MongoDB and without a worker, for tests: jobs are kept in memory, and
 * run in the thread that submits them, or only when they are told to.
 * <p>
 * A job goes the same way as elsewhere: interceptors of submits, conversion of the
 * arguments to what a document holds and back, the limit of its size, interceptors of
 * attempts, decision about another attempt, signals in their order. What is left out is
 * what needs a server: leases, claims and batches. Nothing is durable.
 */
@NullMarked
package dev.taskqueue.inline;

import org.jspecify.annotations.NullMarked;
