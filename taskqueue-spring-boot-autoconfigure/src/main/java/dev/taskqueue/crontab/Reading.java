package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.List;

import dev.taskqueue.WhileRunning;
import org.jspecify.annotations.Nullable;

/**
 * What a look at a row gives.
 */
sealed interface Reading {

	/** Not ours, done or paused: nothing is written to it. */
	record Left() implements Reading {
	}

	/**
	 * In order, and not due.
	 *
	 * @param next the times to be written into it; null leaves them as they are
	 */
	record Ahead(@Nullable NextTimes next) implements Reading {
	}

	/**
	 * In order and due.
	 *
	 * @param row what it asks for
	 * @param slots the times for which it asks, at least one, in order
	 * @param next when it is due again; null is never
	 * @param whileRunning what happens while its last job goes on
	 */
	record Due(Row row, List<Instant> slots, @Nullable NextTimes next, WhileRunning whileRunning) implements Reading {

		boolean isDueAgain(Instant now) {
			return this.next != null && !this.next.isOver() && !this.next.first().isAfter(now);
		}
	}

	/**
	 * A periodic job that is due, and that its source no longer asks for.
	 */
	record Removed() implements Reading {
	}

	/**
	 * Not in order.
	 *
	 * @param error what is wrong
	 */
	record Bad(RowError error) implements Reading {
	}

}
