package dev.taskqueue.submit;

/**
 * What came of a submit.
 *
 * @param id the id, in text form, of the job that was submitted; or of the one that has
 * its unique key
 * @param isDuplicate whether nothing was submitted, since another job has the key
 */
public record Submitted(String id, boolean isDuplicate) {
}
