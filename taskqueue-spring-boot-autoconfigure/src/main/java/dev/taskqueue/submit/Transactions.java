package dev.taskqueue.submit;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.SubmitTime;
import org.jspecify.annotations.Nullable;

/**
 * The transaction of the current thread, if it has one.
 */
public interface Transactions {

	/** There are none: all is done at once. */
	Transactions NONE = new Transactions() {

		@Override
		public @Nullable MongoDatabase current() {
			return null;
		}

		@Override
		public boolean isToWait(@Nullable SubmitTime time) {
			return false;
		}

		@Override
		public void afterCommit(Runnable action, Runnable otherwise) {
			action.run();
		}

	};

	/**
	 * The database bound to the current MongoDB transaction.
	 * @return the database, or null outside of one
	 */
	@Nullable MongoDatabase current();

	/**
	 * Whether a submit has to wait for the commit of a transaction of another kind.
	 * @param time what the job says, or null for the general rule
	 * @return false also where there is no transaction
	 */
	boolean isToWait(@Nullable SubmitTime time);

	/**
	 * Does something when the current transaction has committed.
	 * @param action what to do; what it throws goes to whoever commits
	 * @param otherwise what to do where no commit came
	 */
	void afterCommit(Runnable action, Runnable otherwise);

}
