package dev.taskqueue.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.function.Supplier;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoException;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOptions;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * A lock by name among all nodes, held until its time is over unless it is renewed.
 * <p>
 * It saves work only. Its holder may lose it at any moment without knowing, and two may
 * hold it for a while (a clock that jumps, a process that stood still): what it guards
 * must stay right when two do it at once.
 */
public final class NamedLock {

	private static final String NAME = "_id";

	private static final String HOLDER = "holder";

	private static final String UNTIL = "until";

	private final TaskQueueDatabase database;

	private final ServerClock clock;

	private final String name;

	private final Supplier<String> holder;

	private final Duration hold;

	private @Nullable String heldAs;

	/**
	 * Creates one; nothing is sent.
	 * @param database the collections
	 * @param clock the server's clock
	 * @param name the name of the lock
	 * @param holder who asks: the worker's id, which may change
	 * @param hold how long the lock is held without being renewed
	 */
	public NamedLock(TaskQueueDatabase database, ServerClock clock, String name, Supplier<String> holder,
			Duration hold) {
		this.database = database;
		this.clock = clock;
		this.name = name;
		this.holder = holder;
		this.hold = hold;
	}

	/**
	 * Takes the lock if it is free, or holds it longer.
	 * @return true if it is held from now on, for the time given
	 * @throws MongoException if the server cannot be reached
	 */
	public synchronized boolean tryAcquire() {
		String asker = this.holder.get();
		Instant now = this.clock.instant();
		Document held = new Document("$set", new Document(HOLDER, asker).append(UNTIL, Date.from(now.plus(this.hold))));
		if (renew(held, (this.heldAs != null) ? this.heldAs : asker) || take(held, now)) {
			this.heldAs = asker;
			return true;
		}
		this.heldAs = null;
		return false;
	}

	private boolean renew(Document held, String as) {
		return this.database.locks().updateOne(ours(as), held).getMatchedCount() > 0;
	}

	private boolean take(Document held, Instant now) {
		// an end that is further away than any holder sets it was set by a clock that
		// has been put back since
		Document running = new Document("$gte", Date.from(now)).append("$lte",
				Date.from(now.plus(this.hold.multipliedBy(2))));
		Bson free = Filters.and(Filters.eq(NAME, this.name), new Document(UNTIL, new Document("$not", running)));
		try {
			this.database.locks().updateOne(free, held, new UpdateOptions().upsert(true));
			return true;
		}
		catch (MongoException ex) {
			if (ErrorCategory.fromErrorCode(ex.getCode()) == ErrorCategory.DUPLICATE_KEY) {
				return false;
			}
			throw ex;
		}
	}

	/**
	 * Frees the lock if it is held.
	 * @throws MongoException if the server cannot be reached; the lock is free when its
	 * time is over
	 */
	public synchronized void release() {
		String held = this.heldAs;
		if (held != null) {
			this.database.locks().deleteOne(ours(held));
			this.heldAs = null;
		}
	}

	private Bson ours(String as) {
		return Filters.and(Filters.eq(NAME, this.name), Filters.eq(HOLDER, as));
	}

}
