package dev.taskqueue.autoconfigure;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.SubmitTime;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.Transactions;
import org.jspecify.annotations.Nullable;

import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.MongoDatabaseUtils;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transaction of the current thread, if it is one of a
 * {@code MongoTransactionManager} on the queue's own database factory. In a transaction
 * of any other kind a job is submitted at once or after the commit: joining it would
 * start one of MongoDB's that commits by itself.
 */
final class MongoTransactions implements Transactions {

	private final MongoDatabaseFactory factory;

	private final TaskQueueDatabase database;

	private final SubmitTime inOthers;

	/**
	 * Creates it.
	 * @param factory of the queue's database
	 * @param database the queue's collections
	 * @param inOthers when a submit takes place in a transaction of another kind
	 */
	MongoTransactions(MongoDatabaseFactory factory, TaskQueueDatabase database, SubmitTime inOthers) {
		this.factory = factory;
		this.database = database;
		this.inOthers = inOthers;
	}

	/**
	 * The database bound to the transaction. Has our codecs; concerns and time limits are
	 * the transaction's own, the driver allows no others in it.
	 * @return null outside of one
	 */
	@Override
	public @Nullable MongoDatabase current() {
		if (!TransactionSynchronizationManager.isSynchronizationActive()
				|| !MongoDatabaseUtils.isTransactionActive(this.factory)) {
			return null;
		}
		return MongoDatabaseUtils.getDatabase(this.factory)
			.withCodecRegistry(this.database.database().getCodecRegistry());
	}

	@Override
	public boolean isToWait(@Nullable SubmitTime time) {
		return ((time != null) ? time : this.inOthers) == SubmitTime.AFTER_COMMIT
				&& TransactionSynchronizationManager.isSynchronizationActive()
				&& TransactionSynchronizationManager.isActualTransactionActive()
				&& !MongoDatabaseUtils.isTransactionActive(this.factory);
	}

	/**
	 * Runs something when the current transaction has committed; at once where there is
	 * none.
	 */
	@Override
	public void afterCommit(Runnable action, Runnable otherwise) {
		afterCommitOfThis(action, otherwise);
	}

	/** The same for whatever transaction the current thread has. */
	static void afterCommitOfThis(Runnable action, Runnable otherwise) {
		if (!TransactionSynchronizationManager.isSynchronizationActive()) {
			action.run();
			return;
		}
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			private boolean begun;

			@Override
			public void afterCommit() {
				this.begun = true;
				action.run();
			}

			/**
			 * Its commit was not told where it was registered by what is done after the
			 * commit, or where another that is told before has thrown.
			 */
			@Override
			public void afterCompletion(int status) {
				if (!this.begun) {
					((status == STATUS_COMMITTED) ? action : otherwise).run();
				}
			}

		});
	}

}
