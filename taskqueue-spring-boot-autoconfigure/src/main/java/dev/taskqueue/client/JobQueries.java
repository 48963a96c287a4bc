package dev.taskqueue.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import com.mongodb.MongoExecutionTimeoutException;
import com.mongodb.MongoInterruptedException;
import com.mongodb.MongoOperationTimeoutException;
import com.mongodb.client.FindIterable;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.Job;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.QueueDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Reads jobs. Nothing here takes longer than the database's limit for one operation, a
 * few times at most.
 */
public final class JobQueries {

	private static final int MOST = 1000;

	private static final Bson WITHOUT_ARGUMENTS = Projections.exclude(JobDocument.PARAMS, JobDocument.KWARGS,
			JobDocument.LOG);

	private static final Bson WITHOUT_LOG = Projections.exclude(JobDocument.LOG);

	private final TaskQueueDatabase database;

	private final Clock serverClock;

	private final QueueDepths depths;

	/**
	 * Creates one.
	 * @param database the collections
	 * @param serverClock says what is due
	 */
	public JobQueries(TaskQueueDatabase database, Clock serverClock) {
		this.database = database;
		this.serverClock = serverClock;
		this.depths = new QueueDepths(database, serverClock);
	}

	/**
	 * Reads a job.
	 * @param id its id in text form
	 * @return the job, or empty
	 * @throws TaskQueueException if the store cannot be read
	 */
	public Optional<Job> find(String id) {
		return read("Job " + id, () -> Optional.ofNullable(find(this.database, id, null)).map(JobDocument::toJob));
	}

	/**
	 * Lists jobs, those with the highest ids first: the latest, where ids are
	 * {@code ObjectId}s. What is inserted meanwhile moves nothing from page to page.
	 * @param query which jobs; its own limit is not looked at
	 * @param limit how many at most, from 1 to 1000
	 * @param after the id, in text form, of the last job of the page before, or null
	 * @return the jobs
	 * @throws IllegalArgumentException if the limit is out of its range
	 * @throws TaskQueueException if the store cannot be read, or not in time
	 */
	public List<Job> list(JobQuery query, int limit, @Nullable String after) {
		if (limit < 1 || limit > MOST) {
			throw new IllegalArgumentException(
					"limit is '" + limit + "', expected 1 to " + MOST + ". Read page by page with 'after'.");
		}
		return read("The list of jobs", () -> {
			Bson wanted = this.depths.filter(query);
			if (after == null) {
				return page(query, wanted, new Document(), limit);
			}
			BsonValue last = idOf(after);
			List<Job> jobs = new ArrayList<>(page(query, wanted, JobIds.below(last), limit));
			if (jobs.size() < limit) {
				jobs.addAll(page(query, wanted, JobIds.belowTypeOf(last), limit - jobs.size()));
			}
			return jobs;
		});
	}

	/**
	 * Walks through jobs, a batch at a time, those with the highest ids first. What
	 * others do meanwhile is no hindrance: a job is met once, or not where it is no
	 * longer wanted when its batch is read.
	 * @param query which jobs; its limit is not looked at
	 * @param states which of them besides
	 * @param fields what is read of them, or null for all
	 * @return the batches
	 */
	JobWalk walk(JobQuery query, Bson states, @Nullable Bson fields) {
		Bson wanted = Filters.and(this.depths.filter(query), states);
		Bson index = read("The list of jobs", () -> hint(query, this.depths.filter(query)));
		return new JobWalk(this.database, wanted, index, fields);
	}

	/**
	 * What each queue holds that has not ended, counted up to a bound. Costs the same
	 * with a million jobs as with ten thousand.
	 * @return the queues by name, at most 1000
	 * @throws TaskQueueException if the store cannot be read
	 */
	public List<QueueDepth> depths() {
		return read("The depths of the queues", this.depths::count);
	}

	/**
	 * The functions whose jobs are cancelled instead of run.
	 * @return the end of each revocation by the function's name, at most 1000;
	 * {@link Instant#MAX} where it has none
	 * @throws TaskQueueException if the store cannot be read
	 */
	public SortedMap<String, Instant> revoked() {
		return read("The revoked functions", this::findRevoked);
	}

	private SortedMap<String, Instant> findRevoked() {
		SortedMap<String, Instant> revoked = new TreeMap<>();
		this.database.queues().find(Filters.eq(QueueDocument.REVOKED, true)).limit(MOST).forEach((order) -> {
			Instant until = (order.get(QueueDocument.REVOKED_UNTIL) instanceof Date date) ? date.toInstant()
					: Instant.MAX;
			String function = QueueDocument.functionOf(order);
			if (!function.isEmpty() && until.isAfter(this.serverClock.instant())) {
				revoked.put(function, until);
			}
		});
		return revoked;
	}

	/** The watches of this node, to begin with none. */
	Watches watches() {
		return new Watches(this.database, this.serverClock);
	}

	/**
	 * What someone who waits for a job's end wants of it.
	 * @param id the id in text form
	 * @param atMost the longest that it may take
	 * @return the job without its arguments, or null
	 * @throws MongoException if the store cannot be read
	 */
	@Nullable JobDocument findOutcome(String id, Duration atMost) {
		return find(this.database.withTimeout(atMost), id, WITHOUT_ARGUMENTS);
	}

	/**
	 * The same, within the time that is given to each operation.
	 * @throws TaskQueueException if the store cannot be read
	 */
	@Nullable JobDocument readOutcome(String id) {
		return read("Job " + id, () -> find(this.database, id, WITHOUT_ARGUMENTS));
	}

	/**
	 * How far a job has come, and nothing else of it.
	 * @return the job, or null
	 * @throws TaskQueueException if the store cannot be read
	 */
	@Nullable JobDocument readProgress(String id) {
		return read("Job " + id,
				() -> find(this.database, id, Projections.include(JobDocument.STATE, JobDocument.PROGRESS)));
	}

	/**
	 * The states of some jobs, with one question and little to read.
	 * @param ids the ids in text form, some hundreds at most
	 * @return the states of those that exist
	 * @throws TaskQueueException if the store cannot be read
	 */
	Map<String, JobState> readStates(Collection<String> ids) {
		return read("The state of jobs", () -> findStates(ids));
	}

	private Map<String, JobState> findStates(Collection<String> ids) {
		Map<String, List<BsonValue>> wanted = new HashMap<>();
		ids.forEach((id) -> wanted.put(id, JobIds.of(id)));
		Map<BsonValue, JobState> found = new HashMap<>();
		this.database.jobs()
			.find(Filters.in(JobDocument.ID, wanted.values().stream().flatMap(List::stream).toList()))
			.projection(Projections.include(JobDocument.STATE))
			.forEach((job) -> found.put(JobIds.key(Objects.requireNonNull(bson(job).get(JobDocument.ID))),
					new JobDocument(job).toJob().state()));
		Map<String, JobState> states = new HashMap<>();
		wanted.forEach((id, values) -> values.stream()
			.map(JobIds::key)
			.filter(found::containsKey)
			.findFirst()
			.ifPresent((key) -> states.put(id, Objects.requireNonNull(found.get(key)))));
		return states;
	}

	private @Nullable JobDocument find(TaskQueueDatabase database, String id, @Nullable Bson fields) {
		List<BsonValue> ids = JobIds.of(id);
		return database.jobs()
			.find(Filters.in(JobDocument.ID, ids))
			.projection(fields)
			.into(new ArrayList<>(1))
			.stream()
			.map(JobDocument::new)
			.min(Comparator.comparing((job) -> ids.indexOf(bson(job.document()).get(JobDocument.ID))))
			.orElse(null);
	}

	/** The id that a page ended with, which may have been removed since. */
	private BsonValue idOf(String text) {
		List<BsonValue> ids = JobIds.of(text);
		Document found = this.database.jobs()
			.find(Filters.in(JobDocument.ID, ids))
			.projection(Projections.include(JobDocument.ID))
			.sort(Sorts.ascending(JobDocument.ID))
			.first();
		return (found != null) ? Objects.requireNonNull(bson(found).get(JobDocument.ID)) : ids.get(0);
	}

	private RawBsonDocument bson(Document document) {
		return new RawBsonDocument(document, this.database.database().getCodecRegistry().get(Document.class));
	}

	private List<Job> page(JobQuery query, Bson wanted, Bson position, int limit) {
		FindIterable<Document> found = this.database.jobs()
			.find(Filters.and(wanted, position))
			.projection(WITHOUT_LOG)
			.sort(Sorts.descending(JobDocument.ID))
			.limit(limit)
			.batchSize(limit);
		List<Job> jobs = new ArrayList<>();
		found.hint(hint(query, wanted)).forEach((document) -> jobs.add(new JobDocument(document).toJob()));
		return jobs;
	}

	/**
	 * The index of ids gives the order for nothing, but leads past every job that is not
	 * wanted. Where those that are wanted are few, they are sorted instead.
	 */
	private Bson hint(JobQuery query, Bson wanted) {
		if (query.state() == JobState.RUNNING) {
			return Indexes.RUNNING;
		}
		boolean isFew = query.state() == JobState.PENDING && query.queue() != null
				&& !this.depths.count(wanted, Indexes.CLAIM).isMore();
		return isFew ? Indexes.CLAIM : Indexes.BY_ID;
	}

	static <T> T read(String what, Supplier<T> query) {
		try {
			return query.get();
		}
		catch (MongoExecutionTimeoutException | MongoOperationTimeoutException ex) {
			throw new TaskQueueException(
					what + " was not read in time: " + ex.getMessage()
							+ ". If it is a list, ask for a state and a queue, or for fewer; else look at the server.",
					ex);
		}
		catch (MongoInterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new TaskQueueException(what + " was not read: the thread was interrupted", ex);
		}
		catch (MongoException ex) {
			throw new TaskQueueException(
					what + " cannot be read from MongoDB: " + ex.getMessage() + ". Try again when the server answers.",
					ex);
		}
	}

}
