package dev.taskqueue.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;

import com.mongodb.client.model.Filters;
import dev.taskqueue.JobState;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * The end of jobs that nobody runs any more.
 *
 * @param state the end
 * @param at the server's time
 * @param kept for how long
 */
record Ending(JobState state, Instant at, Duration kept) {

	static Ending of(JobState state, Instant at, Retention retention) {
		return new Ending(state, at, retention.of(state));
	}

	/** As long as a row's job is kept: some of the jobs may be such. */
	Document set() {
		return new Document(JobDocument.STATE, this.state.text()).append(JobDocument.FINISHED_AT, Date.from(this.at))
			.append(JobDocument.DELETE_AT, Date.from(this.at.plus(Retention.guardingSlot(this.kept))));
	}

	/**
	 * Deletes what is not to be kept, but no job of a row. The end is written before in
	 * any case, so that the TTL index deletes what a crash leaves.
	 */
	void deleteIfNotKept(TaskQueueDatabase database, List<Object> ids, @Nullable Object claim) {
		if (this.kept.isZero()) {
			CrashPoint.RECOVERY_ENDED.reached();
			Bson ended = Filters.and(Filters.in(JobDocument.ID, ids), Filters.eq(JobDocument.STATE, this.state.text()),
					Filters.eq(JobDocument.CLAIM, claim), Filters.exists(JobDocument.ORIGIN, false));
			database.jobs().deleteMany(ended);
		}
	}

}
