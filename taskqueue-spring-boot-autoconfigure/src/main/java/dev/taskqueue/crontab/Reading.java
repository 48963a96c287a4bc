package dev.taskqueue.crontab;

/**
 * What a look at a row gives.
 */
sealed interface Reading {

	/** Not ours, done or paused: nothing is written to it. */
	record Left() implements Reading {
	}

	/** In order, and due later. */
	record Ahead() implements Reading {
	}

	/**
	 * In order and due.
	 *
	 * @param row what it asks for
	 */
	record Due(Row row) implements Reading {
	}

	/**
	 * Not in order.
	 *
	 * @param error what is wrong
	 */
	record Bad(RowError error) implements Reading {
	}

}
