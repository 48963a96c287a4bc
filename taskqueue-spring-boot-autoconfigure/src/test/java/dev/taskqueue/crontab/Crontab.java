package dev.taskqueue.crontab;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * A database with a crontab, and schedulers for it, for tests.
 */
final class Crontab {

	final TaskQueueDatabase database;

	final List<String> woken = new CopyOnWriteArrayList<>();

	final Set<String> liveFunctions = ConcurrentHashMap.newKeySet();

	final AtomicBoolean busy = new AtomicBoolean();

	/** The jobs that were to be cancelled. */
	final List<String> cancelled = new CopyOnWriteArrayList<>();

	/** The keys of the periodic jobs that some worker asks for. */
	final Set<String> liveSchedules = ConcurrentHashMap.newKeySet();

	CrontabSettings settings = CrontabSettings.defaults();

	volatile Runnable beforeMark = () -> {
	};

	Crontab(MongoDatabase database) {
		this.database = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(30));
		Indexes.create(this.database);
	}

	static CrontabSettings settings(int batchSize, @Nullable Duration maxLateness, Duration pollInterval) {
		CrontabSettings defaults = CrontabSettings.defaults();
		return new CrontabSettings(batchSize, maxLateness, defaults.maxAttempts(), defaults.maxArgumentsBytes(),
				defaults.zone(), pollInterval, defaults.validation());
	}

	CrontabScheduler scheduler(Clock clock) {
		return scheduler(clock, () -> true);
	}

	CrontabScheduler scheduler(Clock clock, BooleanSupplier isLeader) {
		return new CrontabScheduler(this.database, Rows.FUNCTIONS, isLeader, this.busy::get, clock, new Outage(),
				this.settings, this.woken::add, () -> this.liveFunctions,
				new DeclaredJobs(Set.of(), () -> this.liveSchedules), this.cancelled::add, () -> this.beforeMark.run());
	}

	Object insert(Document row) {
		this.database.crontab().insertOne(row);
		return Objects.requireNonNull(row.get("_id"));
	}

	void update(Object id, String update) {
		this.database.crontab().updateOne(new Document("_id", id), Document.parse(update));
	}

	Document row(Object id) {
		return Objects.requireNonNull(this.database.crontab().find(new Document("_id", id)).first());
	}

	List<Document> jobs() {
		return this.database.jobs().find().sort(Sorts.ascending("_id")).into(new ArrayList<>());
	}

	long countJobs() {
		return this.database.jobs().countDocuments();
	}

	long countUndone() {
		return this.database.crontab().countDocuments(new Document("is_done", false));
	}

	@Nullable Document error(Object id) {
		return row(id).get("error", Document.class);
	}

	/** Rounds until nothing is left to do at this moment. */
	static void rounds(CrontabScheduler scheduler) {
		Duration pause = scheduler.round();
		for (int i = 0; i < 1000 && pause.isZero(); i++) {
			pause = scheduler.round();
		}
	}

	static int epoch(Instant time) {
		return (int) time.getEpochSecond();
	}

}
