package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * A due time of a row, and the job that it becomes.
 *
 * @param due when
 * @param time the same as the row's {@code time} holds it, or would
 * @param jobId the job's id
 */
record Slot(Instant due, @Nullable Object time, String jobId) {

	/**
	 * The slots of a row. Their ids are those that one look for each of them would give:
	 * so it does not matter how many slots a look takes, nor how many of them were taken
	 * before a crash.
	 * @param row the row as read
	 * @param time its time as read
	 * @param dues when it is due, beginning with its time
	 * @return a slot for each
	 */
	static List<Slot> of(RawBsonDocument row, @Nullable Object time, List<Instant> dues) {
		List<Slot> slots = new ArrayList<>(dues.size());
		BsonDocument state = row;
		@Nullable Object written = time;
		for (Instant due : dues) {
			if (!slots.isEmpty()) {
				String former = slots.get(slots.size() - 1).jobId();
				written = RowTime.slot(written, due);
				state = new Document(RowFields.TIME, written).toBsonDocument()
					.append(RowFields.ID, row.get(RowFields.ID))
					.append(RowFields.JOB_ID, new BsonString(former));
			}
			slots.add(new Slot(due, written, SlotId.of(state, due)));
		}
		return slots;
	}

}
