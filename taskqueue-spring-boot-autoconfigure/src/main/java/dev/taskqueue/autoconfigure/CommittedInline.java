package dev.taskqueue.autoconfigure;

import java.util.concurrent.atomic.AtomicReference;

import dev.taskqueue.SubmitTime;
import dev.taskqueue.inline.InlineTransactions;
import org.jspecify.annotations.Nullable;

import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.MongoDatabaseUtils;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Has jobs exist when the transaction has committed of which they would be part, or for
 * which their submit would wait.
 */
final class CommittedInline implements InlineTransactions {

	private final @Nullable MongoDatabaseFactory factory;

	private final SubmitTime inOthers;

	/**
	 * Creates it.
	 * @param factory where the jobs would be; null where the application has no MongoDB
	 * @param inOthers when a submit takes place in a transaction of another kind
	 */
	CommittedInline(@Nullable MongoDatabaseFactory factory, SubmitTime inOthers) {
		this.factory = factory;
		this.inOthers = inOthers;
	}

	@Override
	public boolean isMongo() {
		return this.factory != null && TransactionSynchronizationManager.isSynchronizationActive()
				&& MongoDatabaseUtils.isTransactionActive(this.factory);
	}

	@Override
	public boolean isToWait(@Nullable SubmitTime time) {
		return ((time != null) ? time : this.inOthers) == SubmitTime.AFTER_COMMIT
				&& TransactionSynchronizationManager.isSynchronizationActive()
				&& TransactionSynchronizationManager.isActualTransactionActive();
	}

	/**
	 * In a thread of its own, for which the caller's waits: that one is bound to the
	 * transaction until its commit returns, and what the job wrote would go with it.
	 */
	@Override
	public void afterCommit(Runnable action) {
		MongoTransactions.afterCommitOfThis(() -> {
			AtomicReference<@Nullable RuntimeException> thrown = new AtomicReference<>();
			Thread thread = new Thread(() -> {
				try {
					action.run();
				}
				catch (RuntimeException ex) {
					thrown.set(ex);
				}
			}, Thread.currentThread().getName());
			thread.start();
			try {
				thread.join();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			RuntimeException failure = thrown.get();
			if (failure != null) {
				throw failure;
			}
		}, () -> {
		});
	}

}
