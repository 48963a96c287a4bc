package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What is to be done with a recurring row.
 *
 * @param isDue whether its time has come, though maybe all its slots are left out
 * @param slots the due times that become jobs, in order
 * @param next the row's times after that; null leaves them as they are
 */
record Plan(boolean isDue, List<Instant> slots, @Nullable NextTimes next) {

	static final Plan NOTHING = new Plan(false, List.of(), null);

	static Plan run(List<Instant> slots, @Nullable NextTimes next) {
		return new Plan(true, slots, next);
	}

	static Plan moveTo(NextTimes next) {
		return new Plan(false, List.of(), next);
	}

}
