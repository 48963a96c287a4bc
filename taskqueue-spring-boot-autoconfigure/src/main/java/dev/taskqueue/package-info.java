/**
 * The words that users write and read: annotation, queue, job, handle, event. No
 * machinery.
 */
@NullMarked
package dev.taskqueue;

import org.jspecify.annotations.NullMarked;
