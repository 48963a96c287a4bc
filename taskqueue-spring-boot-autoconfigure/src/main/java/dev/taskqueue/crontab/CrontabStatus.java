package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * How the crontab stands at a moment.
 *
 * @param isLeader whether this node turns the rows into jobs
 * @param isWatching whether the server tells this node of changed rows
 * @param lastTick when this node last looked for due rows, by the server's clock; null
 * before the first time
 * @param due the rows in order that are due and undone; counted up to {@link #MOST}
 * @param rowsWithErrors the undone rows with an error; counted up to {@link #MOST}
 * @param lag how long ago the oldest of the due rows was due; zero where there is none.
 * Rows older than the highest lateness do not count
 */
public record CrontabStatus(boolean isLeader, boolean isWatching, @Nullable Instant lastTick, long due,
		long rowsWithErrors, Duration lag) {

	/** What is counted to: this number means "10,000 or more than that". */
	public static final int MOST = 10_001;

}
