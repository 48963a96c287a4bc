package dev.taskqueue.observe;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the crontab that wait for their owner to mend them.
 */
public final class FaultyRows {

	private static final Bson UNDONE_WITH_ERROR = Filters.and(Filters.eq("is_done", false), Filters.exists("error"));

	private final TaskQueueDatabase database;

	/**
	 * Creates it.
	 * @param database the collections
	 */
	public FaultyRows(TaskQueueDatabase database) {
		this.database = database;
	}

	/**
	 * Reads some of them.
	 * @param limit the most
	 * @return the rows
	 * @throws com.mongodb.MongoException if the server cannot be reached
	 */
	public List<FaultyRow> list(int limit) {
		List<FaultyRow> rows = new ArrayList<>();
		for (Document row : this.database.crontab()
			.find(UNDONE_WITH_ERROR)
			.projection(Projections.include("name", "function", "error"))
			.limit(limit)) {
			Document error = (row.get("error") instanceof Document document) ? document : new Document();
			rows.add(new FaultyRow(text(row.get("_id")), text(row.get("name")), text(row.get("function")),
					text(error.get("field")), text(error.get("value")), text(error.get("message")),
					(error.get("at") instanceof Date at) ? at.toInstant() : null));
		}
		return rows;
	}

	private static String text(@Nullable Object value) {
		return Objects.toString(BsonValues.toPlain(value), "");
	}

	/**
	 * One row. What the row lacks is an empty text.
	 *
	 * @param id the row's id
	 * @param name its label
	 * @param function its function
	 * @param field the field to mend
	 * @param value what that holds
	 * @param message what is wrong and what to do
	 * @param at since when
	 */
	public record FaultyRow(String id, String name, String function, String field, String value, String message,
			@Nullable Instant at) {
	}

}
