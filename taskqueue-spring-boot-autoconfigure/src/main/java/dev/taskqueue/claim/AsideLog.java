package dev.taskqueue.claim;

import java.time.Duration;
import java.time.Instant;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log says about jobs that are set aside: of many in one minute the first ones,
 * then their number.
 */
final class AsideLog {

	private static final Logger logger = LoggerFactory.getLogger(AsideLog.class);

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final int LINES_A_MINUTE = 20;

	private static final int SHOWN = 100;

	private Instant since = Instant.EPOCH;

	private int lines;

	private long unsaid;

	void setAside(String id, String problem, Instant now) {
		tick(now);
		if (this.lines < LINES_A_MINUTE) {
			this.lines++;
			logger.warn("Job {} cannot be read and is set aside as failed: {}",
					(id.length() > SHOWN) ? id.substring(0, SHOWN) + "…" : id, problem);
		}
		else {
			this.unsaid++;
		}
	}

	/** A minute may be over. */
	void tick(Instant now) {
		if (now.isBefore(this.since.plus(MINUTE))) {
			return;
		}
		if (this.unsaid > 0) {
			logger.warn("{} more jobs cannot be read and are set aside as failed: each has an 'error' with the reason "
					+ "'unreadable'", this.unsaid);
		}
		this.since = now;
		this.lines = 0;
		this.unsaid = 0;
	}

}
