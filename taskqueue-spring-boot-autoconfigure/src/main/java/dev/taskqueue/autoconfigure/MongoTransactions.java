package dev.taskqueue.autoconfigure;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.store.TaskQueueDatabase;
import org.jspecify.annotations.Nullable;

import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.MongoDatabaseUtils;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transaction of the current thread, if it is one of a
 * {@code MongoTransactionManager} on the queue's own database factory. In a transaction
 * of any other kind a job is submitted at once: joining it would start one of MongoDB's
 * that commits by itself.
 */
final class MongoTransactions {

	private final MongoDatabaseFactory factory;

	private final TaskQueueDatabase database;

	MongoTransactions(MongoDatabaseFactory factory, TaskQueueDatabase database) {
		this.factory = factory;
		this.database = database;
	}

	/**
	 * The database bound to the transaction. Has our codecs; concerns and time limits are
	 * the transaction's own, the driver allows no others in it.
	 * @return null outside of one
	 */
	@Nullable MongoDatabase current() {
		if (!TransactionSynchronizationManager.isSynchronizationActive()
				|| !MongoDatabaseUtils.isTransactionActive(this.factory)) {
			return null;
		}
		return MongoDatabaseUtils.getDatabase(this.factory)
			.withCodecRegistry(this.database.database().getCodecRegistry());
	}

	/**
	 * Runs something when the current transaction has committed; at once where there is
	 * none.
	 * @param action what to do
	 */
	void afterCommit(Runnable action) {
		if (!TransactionSynchronizationManager.isSynchronizationActive()) {
			action.run();
			return;
		}
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCommit() {
				action.run();
			}

		});
	}

}
