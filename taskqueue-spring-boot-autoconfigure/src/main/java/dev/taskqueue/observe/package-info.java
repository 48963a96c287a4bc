/**
 * What the queue tells of itself to those who watch: meters, and the documents of live
 * workers and of rows with errors. Reads and listens; changes nothing. An error of a
 * meter registry never reaches a job.
 */
@NullMarked
package dev.taskqueue.observe;

import org.jspecify.annotations.NullMarked;
