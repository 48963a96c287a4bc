package dev.taskqueue.crontab;

import java.util.Set;

import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.crontab.CrontabSettings.Validation;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the collection of rows a validator, where one is wanted. Rows are checked without
 * it too, so whatever prevents it is said once and holds up nothing.
 */
final class RowValidator {

	private static final Logger logger = LoggerFactory.getLogger(RowValidator.class);

	private static final int COMMAND_NOT_FOUND = 59;

	/**
	 * An index is being built, the collection is locked, or another node creates or drops
	 * it in this moment.
	 */
	private static final Set<Integer> PASSING = Set.of(24, 26, 46, 48, 117, 12587);

	private final MongoDatabase database;

	private final String collection;

	private final BsonDocument options;

	private boolean done;

	/**
	 * Creates one; nothing is sent.
	 * @param database the collections
	 * @param validation what is wanted; {@link Validation#OFF} touches nothing
	 */
	RowValidator(TaskQueueDatabase database, Validation validation) {
		MongoCollection<Document> rows = database.crontab();
		this.database = database.database();
		this.collection = rows.getNamespace().getCollectionName();
		this.options = new BsonDocument("validator", RowSchema.validator())
			// rows that fail it already may be marked, or given their error
			.append("validationLevel", new BsonString("moderate"))
			.append("validationAction", new BsonString((validation == Validation.ERROR) ? "error" : "warn"));
		this.done = validation == Validation.OFF;
	}

	/**
	 * Sees to it once; what cannot be done just now is tried with the next call.
	 * @throws com.mongodb.MongoException if the server cannot be reached
	 */
	void prepare() {
		if (this.done) {
			return;
		}
		try {
			apply(present());
			this.done = true;
		}
		catch (MongoCommandException ex) {
			if (!PASSING.contains(ex.getErrorCode())) {
				this.done = true;
				warn(ex);
			}
		}
	}

	private void warn(MongoCommandException refusal) {
		if (refusal.getErrorCode() == COMMAND_NOT_FOUND) {
			logger.warn("The server has no validators, so taskqueue.crontab.validator has no effect");
			return;
		}
		logger.warn(
				"The validator of '{}' cannot be set ({}). Rows are checked when they are due. To set it, run this line "
						+ "in mongosh on database '{}' as a user who has the action collMod, or set "
						+ "taskqueue.crontab.validator to off:\n{}",
				this.collection, refusal.getErrorMessage(), this.database.getName(),
				"db.runCommand(" + command("collMod").toJson() + ")");
	}

	/** The options of the collection; null where there is none yet. */
	private @Nullable BsonDocument present() {
		BsonDocument found = this.database.listCollections(BsonDocument.class)
			.filter(Filters.eq("name", this.collection))
			.first();
		return (found != null) ? found.getDocument("options", new BsonDocument()) : null;
	}

	private void apply(@Nullable BsonDocument present) {
		if (present == null) {
			this.database.runCommand(command("create"));
			return;
		}
		BsonDocument validator = present.getDocument("validator", new BsonDocument());
		if (!validator.isEmpty() && !RowSchema.isOurs(validator)) {
			logger.warn("'{}' has a validator that is not ours, so it is left as it is and "
					+ "taskqueue.crontab.validator has no effect. Remove that validator, or set the property to off",
					this.collection);
		}
		else if (!present.entrySet().containsAll(this.options.entrySet())) {
			this.database.runCommand(command("collMod"));
		}
	}

	private BsonDocument command(String name) {
		BsonDocument command = new BsonDocument(name, new BsonString(this.collection));
		command.putAll(this.options);
		return command;
	}

}
