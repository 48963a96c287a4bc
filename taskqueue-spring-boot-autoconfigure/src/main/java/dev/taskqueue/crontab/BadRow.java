package dev.taskqueue.crontab;

import org.bson.Document;

/**
 * The way out of reading a row that is not in order; of no use outside.
 */
final class BadRow extends RuntimeException {

	private final transient RowError error;

	BadRow(RowError error) {
		super(error.message(), null, false, false);
		this.error = error;
	}

	RowError error() {
		return this.error;
	}

	static void check(boolean valid, Document row, String field, String expected) {
		if (!valid) {
			throw new BadRow(RowError.wrong(field, row.get(field), expected));
		}
	}

}
