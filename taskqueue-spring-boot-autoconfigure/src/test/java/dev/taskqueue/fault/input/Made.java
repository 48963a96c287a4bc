package dev.taskqueue.fault.input;

import java.util.List;

import org.bson.RawBsonDocument;

/**
 * A document that was made.
 *
 * @param number its number, which it has in the field {@code n}
 * @param document its bytes
 * @param isGood whether nothing is wrong with it, so that it must run
 * @param changes what was done to it: fields and kinds of values
 */
record Made(long number, RawBsonDocument document, boolean isGood, List<String> changes) {
}
