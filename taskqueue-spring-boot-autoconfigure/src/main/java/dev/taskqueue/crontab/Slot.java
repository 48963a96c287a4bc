package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.taskqueue.store.RawFields;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;

/**
 * A due time of a row, and the job that it becomes.
 *
 * @param due when
 * @param jobId the job's id
 */
record Slot(Instant due, String jobId) {

	/**
	 * The slots of a row. Their ids are those that one look for each of them would give:
	 * so it does not matter how many slots a look takes, nor how many of them were taken
	 * before a crash.
	 * @param row the row as read
	 * @param dues when it is due
	 * @return a slot for each
	 */
	static List<Slot> of(RawBsonDocument row, List<Instant> dues) {
		List<Slot> slots = new ArrayList<>(dues.size());
		BsonValue former = RawFields.value(row, RowFields.JOB_ID);
		for (Instant due : dues) {
			Slot slot = new Slot(due, SlotId.of(row.get(RowFields.ID), due, former));
			slots.add(slot);
			former = new BsonString(slot.jobId());
		}
		return slots;
	}

}
