package dev.taskqueue.history;

/**
 * A promise that was not kept.
 *
 * @param subject the job, row or process
 * @param what happened, in a sentence
 */
record Violation(String subject, String what) {
}
