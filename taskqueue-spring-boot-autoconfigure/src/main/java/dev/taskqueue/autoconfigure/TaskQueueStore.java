package dev.taskqueue.autoconfigure;

import java.time.Clock;

import dev.taskqueue.store.Outage;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import org.jspecify.annotations.Nullable;

import org.springframework.data.mongodb.MongoDatabaseFactory;

/**
 * The chosen database, with what comes with the choice: its clock, its transactions and
 * how it fares.
 */
final class TaskQueueStore {

	private final TaskQueueDatabase database;

	private final MongoTransactions transactions;

	private final ServerClock clock;

	private final Outage outage = new Outage();

	/**
	 * Creates it; connects to nothing.
	 * @param factory the database
	 * @param settings names of collections and limits
	 * @param wallClock the application's own clock, if it has one
	 */
	TaskQueueStore(MongoDatabaseFactory factory, TaskQueueSettings settings, @Nullable Clock wallClock) {
		TaskQueueProperties.Mongodb mongodb = settings.mongodb();
		this.database = new TaskQueueDatabase(factory.getMongoDatabase(), mongodb.getCollectionPrefix(),
				settings.crontab().getCollection(), mongodb.getTimeout());
		this.clock = (wallClock != null) ? new ServerClock(this.database::hello, wallClock)
				: new ServerClock(this.database::hello);
		this.transactions = new MongoTransactions(factory, this.database, settings.submitTime());
	}

	TaskQueueDatabase database() {
		return this.database;
	}

	/** No bean: it is a {@link Clock}, and must not become the one of the application. */
	ServerClock clock() {
		return this.clock;
	}

	MongoTransactions transactions() {
		return this.transactions;
	}

	Outage outage() {
		return this.outage;
	}

}
