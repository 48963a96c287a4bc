/**
 * What a user of the task queue would write: one class for each thing shown.
 */
@NullMarked
package dev.taskqueue.sample;

import org.jspecify.annotations.NullMarked;
