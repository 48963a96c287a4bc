/**
 * The queue as applications see it: submit, find, list, wait, watch.
 * <p>
 * <b>Authority.</b> What a job has come to is what the store says. The events of this
 * node only tell a waiter when to look, so a lost one costs a moment: the next look is
 * never further away than a quarter of a second, and two seconds for a future. The change
 * stream of watches tells which jobs to read and no more; it goes on where it was, and
 * where it cannot, a look finds what changed meanwhile.
 * <p>
 * Nothing is written here except through {@link dev.taskqueue.submit.Submitter} and
 * {@link dev.taskqueue.steer.Steering}, so a crash leaves nothing of this package behind.
 */
@NullMarked
package dev.taskqueue.client;

import org.jspecify.annotations.NullMarked;
