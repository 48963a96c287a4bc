package dev.taskqueue.crontab;

import java.util.LinkedHashSet;
import java.util.Set;

import com.mongodb.client.model.Filters;
import dev.taskqueue.store.RawFields;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;

/**
 * Large rows that take no mark, for want of room in most cases: they stay due, and each
 * look would read all of them again. So they are passed for a minute; one that its owner
 * changes is heard of.
 */
final class Unmarkable {

	private static final int LARGE = 1 << 20;

	private static final int MOST = 1000;

	private final Set<BsonValue> ids = new LinkedHashSet<>();

	void add(RawBsonDocument row) {
		BsonValue id = RawFields.value(row, RowFields.ID);
		if (id != null && row.getByteBuffer().remaining() >= LARGE && this.ids.size() < MOST) {
			this.ids.add(id);
		}
	}

	/** A minute is over. */
	void forget() {
		this.ids.clear();
	}

	/** The same filter, which passes them. */
	Bson pass(Bson filter) {
		return this.ids.isEmpty() ? filter : Filters.and(filter, Filters.nin(RowFields.ID, this.ids));
	}

}
