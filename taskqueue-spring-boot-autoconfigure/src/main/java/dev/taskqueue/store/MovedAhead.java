package dev.taskqueue.store;

import java.time.Duration;

/**
 * A clock of an application under test, which shows a later time than it is. What is due,
 * has expired or is to be retried is then judged by that time. The leases are not: of
 * them the server has the last word, by its own clock.
 */
public interface MovedAhead {

	/**
	 * How far the clock was moved.
	 * @return zero or more
	 */
	Duration ahead();

}
