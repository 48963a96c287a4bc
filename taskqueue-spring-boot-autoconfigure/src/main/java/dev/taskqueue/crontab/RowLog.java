package dev.taskqueue.crontab;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log says about rows. Each error once, when it is written to the row; of many
 * in one minute only the first ones, then their number.
 */
final class RowLog {

	private static final Logger logger = LoggerFactory.getLogger(CrontabScheduler.class);

	private static final int LINES_A_MINUTE = 20;

	private static final int REMEMBERED = 1000;

	private final String collection;

	/** Rows that take no mark keep no error either, so it is remembered what was said. */
	private final Map<Object, String> unmarked = new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<Object, String> eldest) {
			return size() > REMEMBERED;
		}

	};

	private int lines;

	private long unsaid;

	RowLog(String collection) {
		this.collection = collection;
	}

	void bad(Object id, RowError error) {
		if (this.lines < LINES_A_MINUTE) {
			this.lines++;
			logger.warn("{} row {}: {}", this.collection, id, error.message());
		}
		else {
			this.unsaid++;
		}
	}

	void cannotMark(Object id, String reason, @Nullable RowError error) {
		String message = (error != null) ? error.message() : "Its job runs once all the same.";
		if (!message.equals(this.unmarked.put(id, message)) && this.lines < LINES_A_MINUTE) {
			this.lines++;
			logger.warn("{} row {} takes no mark ({}): {} Correct the row, or the collection's validator.",
					this.collection, id, reason, message);
		}
	}

	/** A minute is over. */
	void nextMinute() {
		if (this.unsaid > 0) {
			logger.warn("{}: {} more rows have an error. To see them: db.getCollection(\"{}\").find({is_done: false, "
					+ "error: {$exists: true}})", this.collection, this.unsaid, this.collection);
		}
		this.lines = 0;
		this.unsaid = 0;
	}

}
