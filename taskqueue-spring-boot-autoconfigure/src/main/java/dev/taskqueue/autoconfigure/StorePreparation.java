package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import com.mongodb.MongoException;
import com.mongodb.MongoInterruptedException;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be there before the first claim: a server, and its indexes, which each claim
 * names. The application does not wait for it.
 */
final class StorePreparation {

	private static final Logger logger = LoggerFactory.getLogger(StorePreparation.class);

	/**
	 * Shorter than what a submit may take: that there is no server is to be told soon.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(3);

	/**
	 * What a build of indexes may take, on a collection of any size: the server drops
	 * what it has built when the time is up, so a short one would begin anew for ever.
	 */
	private static final Duration BUILD = Duration.ofHours(6);

	private static final String MENDING = "looking after the indexes";

	private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final TaskQueueDatabase database;

	private final Outage outage;

	private final boolean createIndexes;

	private final String what;

	private final ReentrantLock lock = new ReentrantLock();

	private volatile boolean isDone;

	private volatile List<String> missing = List.of();

	private volatile boolean withoutKeys;

	/**
	 * Creates it.
	 * @param database the collections
	 * @param outage told while there is no server
	 * @param createIndexes whether to create indexes, or to print how
	 * @param where the hosts, for the log
	 */
	StorePreparation(TaskQueueDatabase database, Outage outage, boolean createIndexes, String where) {
		this.outage = outage;
		this.database = database.withTimeout(PATIENCE);
		this.createIndexes = createIndexes;
		this.what = "its first use at " + where
				+ ", so the application goes on and runs jobs as soon as it can (is the server up, and is "
				+ "spring.mongodb.uri right?)";
	}

	/**
	 * Tries until it is done, or the thread is interrupted. The second caller waits for
	 * the first.
	 * @return true when done, false when interrupted; the interrupt stays
	 */
	boolean prepare() {
		try {
			this.lock.lockInterruptibly();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
		try {
			return this.isDone || tryUntilDone();
		}
		finally {
			this.lock.unlock();
		}
	}

	boolean isDone() {
		return this.isDone;
	}

	private boolean tryUntilDone() {
		while (!Thread.currentThread().isInterrupted()) {
			try {
				prepareIndexes();
				this.isDone = true;
				this.outage.over(this.what);
				return true;
			}
			catch (MongoInterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			catch (MongoException ex) {
				this.outage.failed(this.what, ex);
				LockSupport.parkNanos(this, RETRY_NANOS);
			}
			catch (RuntimeException | Error ex) {
				this.outage.broke(this.what, ex);
				LockSupport.parkNanos(this, RETRY_NANOS);
			}
		}
		return false;
	}

	/**
	 * Looks again whether the indexes are there, once it is done.
	 */
	void mend() {
		try {
			List<String> gone = Indexes.missing(this.database);
			if (gone.isEmpty()) {
				this.missing = gone;
			}
			else if (this.createIndexes) {
				if (!this.withoutKeys) {
					logger.warn("{} indexes of database '{}' were gone and are created again; what needs them waits",
							gone.size(), this.database.database().getName());
				}
				create();
			}
			else {
				print(gone);
			}
			this.outage.over(MENDING);
		}
		catch (MongoInterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (MongoException ex) {
			this.outage.failed(MENDING, ex);
		}
		catch (RuntimeException | Error ex) {
			this.outage.broke(MENDING, ex);
		}
	}

	/**
	 * The indexes that somebody else is to create.
	 * @return a line for mongosh each
	 */
	List<String> missing() {
		return this.missing;
	}

	private void prepareIndexes() {
		// asked in any case, with little patience: whether there is a server
		List<String> missing = Indexes.missing(this.database);
		if (this.createIndexes) {
			if (!missing.isEmpty()) {
				logger.info(
						"Creates {} indexes in database '{}'; jobs run when they are there, on collections of "
								+ "millions of documents after minutes",
						missing.size(), this.database.database().getName());
			}
			// what is there already may differ in its options, which the server says
			create();
		}
		else {
			print(missing);
		}
	}

	/** Whether jobs with the same key keep the index of keys from being there. */
	boolean isWithoutKeys() {
		return this.withoutKeys;
	}

	/** Jobs with the same key, as other programs write them, hold up no others. */
	private void create() {
		try {
			Indexes.create(this.database.withTimeout(BUILD));
			this.withoutKeys = false;
		}
		catch (MongoException ex) {
			if (!Indexes.isRefusedForKeys(ex)) {
				throw ex;
			}
			if (!this.withoutKeys) {
				logger.warn("Jobs in database '{}' have the same unique_key, so its index cannot be created: {}. "
						+ "Until it is there, submits with a unique key are refused; all others go on. Leave each key "
						+ "to one job; it is tried again each minute", this.database.database().getName(),
						ex.getMessage());
			}
			this.withoutKeys = true;
		}
	}

	private void print(List<String> missing) {
		// once, and not again when some of them are there
		if (!this.missing.containsAll(missing)) {
			logger.warn(
					"taskqueue.mongodb.create-indexes is false and indexes are missing, without which jobs do "
							+ "not run. Run these lines in mongosh on database '{}':\n{}",
					this.database.database().getName(), String.join("\n", missing));
		}
		this.missing = missing;
	}

}
