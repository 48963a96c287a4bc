package dev.taskqueue.lease;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.JobEvent;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;

/**
 * A worker lease as an application instance has it, with a monotonic clock that a test
 * moves on.
 */
final class Node {

	static final Duration LEASE = Duration.ofSeconds(30);

	static final Retention RETENTION = new Retention(Duration.ofDays(1), Duration.ofDays(30), Duration.ofDays(7),
			Duration.ofDays(7));

	final List<JobEvent> events = Collections.synchronizedList(new ArrayList<>());

	final List<String> fenced = new CopyOnWriteArrayList<>();

	final Set<String> held = ConcurrentHashMap.newKeySet();

	final AtomicLong elapsed = new AtomicLong();

	final TaskQueueDatabase database;

	Duration lease = LEASE;

	Retention retention = RETENTION;

	String now = "$$NOW";

	Supplier<Document> facts = Document::new;

	BiPredicate<String, Object> isHeld = (token, id) -> this.held.contains(token);

	Consumer<String> onFenced = this.fenced::add;

	Consumer<JobEvent> listener = this.events::add;

	Supplier<Document> hello;

	Node(MongoDatabase database) {
		this.database = database(database);
		this.hello = this.database::hello;
	}

	static TaskQueueDatabase database(MongoDatabase database) {
		return new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(20));
	}

	WorkerLease build() {
		return new WorkerLease(this.database, new ServerClock(this.hello, Clock.systemUTC()), this.lease,
				this.retention, new Outage(), this.facts, this.isHeld, this.onFenced, this.listener,
				() -> System.nanoTime() + this.elapsed.get(), this.now);
	}

	/** Begins, and beats for a lease: before that it judges nobody. */
	WorkerLease begin() {
		WorkerLease lease = build();
		lease.begin();
		for (int beat = 0; beat < 3; beat++) {
			elapse(this.lease.dividedBy(3));
			lease.beat();
		}
		return lease;
	}

	void elapse(Duration duration) {
		this.elapsed.addAndGet(duration.toNanos());
	}

}
