package dev.taskqueue.crontab;

import java.util.List;

/**
 * The fields of a row that this package reads or writes.
 */
final class RowFields {

	static final String ID = "_id";

	static final String NAME = "name";

	static final String FUNCTION = "function";

	static final String PARAMS = "params";

	static final String KWARGS = "kwargs";

	static final String TIME = "time";

	static final String IS_DONE = "is_done";

	static final String ENABLED = "enabled";

	static final String CRON = "cron";

	static final String EVERY = "every";

	static final String ZONE = "zone";

	static final String START_TIME = "start_time";

	static final String END_TIME = "end_time";

	static final String MISFIRE = "misfire";

	static final String WHILE_RUNNING = "while_running";

	static final String QUEUE = "queue";

	static final String PRIORITY = "priority";

	static final String MAX_ATTEMPTS = "max_attempts";

	static final String TIMEOUT = "timeout";

	static final String EXPIRES_IN = "expires_in";

	static final String UNIQUE_KEY = "unique_key";

	static final String UPDATE_AT = "update_at";

	static final String JOB_ID = "job_id";

	static final String LAST_TIME = "last_time";

	static final String DISPATCHED_AT = "dispatched_at";

	static final String NEXT = "next";

	static final String ERROR = "error";

	/** The latest time that was left out since the job before went on. */
	static final String SKIPPED = "skipped";

	/** Who asks for a periodic job. */
	static final String SOURCE = "source";

	/** What its source asked for last; by it a change is told from one by hand. */
	static final String DECLARED = "declared";

	/** When a node that asks for it started last. */
	static final String DECLARED_AT = "declared_at";

	/** Since when its source no longer asks for it. */
	static final String REMOVED = "removed";

	static final String CREATE_AT = "create_at";

	/** What the scheduler itself writes, beside the time of a recurring row. */
	static final List<String> OWN = List.of(IS_DONE, JOB_ID, LAST_TIME, DISPATCHED_AT, UPDATE_AT, NEXT, ERROR, SKIPPED);

	/**
	 * What says when a row is due: a write that follows from it must find it unchanged.
	 */
	static final List<String> TIMING = List.of(TIME, CRON, EVERY, ZONE, START_TIME, END_TIME, MISFIRE);

	private RowFields() {
	}

}
