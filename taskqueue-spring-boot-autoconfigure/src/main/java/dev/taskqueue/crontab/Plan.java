package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What is to be done with a recurring row.
 *
 * @param slots the due times that become jobs, in order
 * @param next the row's times after that; null leaves them as they are
 */
record Plan(List<Instant> slots, @Nullable NextTimes next) {

	static final Plan NOTHING = new Plan(List.of(), null);

	static Plan moveTo(NextTimes next) {
		return new Plan(List.of(), next);
	}

}
