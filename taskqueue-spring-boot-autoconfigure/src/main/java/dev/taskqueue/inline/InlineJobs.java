package dev.taskqueue.inline;

import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

import dev.taskqueue.DuplicateJobException;
import dev.taskqueue.Job;
import dev.taskqueue.JobState;
import dev.taskqueue.JobWatch;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.client.Wanted;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UniqueKey;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The documents of the jobs, in memory. A document is never changed, another takes its
 * place.
 */
final class InlineJobs {

	/** Of those that have ended the oldest is forgotten then. */
	static final int MOST_ENDED = 10_000;

	/** That many wait, and nobody runs them: the memory is not for more. */
	static final int MOST_OPEN = 100_000;

	private static final Logger logger = LoggerFactory.getLogger(InlineJobs.class);

	/** What makes two documents the same job, as for any submit. */
	private static final List<String> SAMENESS = List.of(JobDocument.FUNCTION, JobDocument.PARAMS, JobDocument.KWARGS,
			JobDocument.QUEUE);

	/** Higher priority first, then the earlier one, then the one that came first. */
	private static final Comparator<Job> TURN = Comparator.comparingInt(Job::priority)
		.reversed()
		.thenComparing(Job::runAt);

	private final Clock clock;

	private final Map<String, Kept> open = new LinkedHashMap<>();

	private final Map<String, Kept> ended = new LinkedHashMap<>();

	private final List<Watch> watches = new CopyOnWriteArrayList<>();

	private long last;

	InlineJobs(Clock clock) {
		this.clock = clock;
	}

	/**
	 * Takes a job in.
	 * @param onDuplicate what to do when another job has its unique key
	 * @return what became of it
	 * @throws IllegalArgumentException if another job has its id
	 * @throws DuplicateJobException if another job has its unique key and it is to say so
	 */
	Added add(Document job, OnDuplicate onDuplicate) {
		JobDocument added = new JobDocument(job);
		synchronized (this) {
			Kept same = kept(added.idText());
			if (same != null) {
				requireSame(added, same.document);
				return new Added(added.idText(), false, null);
			}
			Kept holder = holder(job.getString(JobDocument.UNIQUE_KEY));
			if (holder != null) {
				Job first = holder.toJob();
				if (onDuplicate == OnDuplicate.THROW) {
					throw new DuplicateJobException("Job " + added.idText() + " of function '" + added.function()
							+ "' was not submitted: job " + first.id() + " has its unique key '"
							+ job.getString(JobDocument.UNIQUE_KEY) + "'.", job.getString(JobDocument.UNIQUE_KEY),
							first.id());
				}
				if (onDuplicate == OnDuplicate.RETURN_FIRST || first.state() != JobState.PENDING) {
					return new Added(first.id(), true, null);
				}
				added = new JobDocument(new Document(job).append(JobDocument.ID, holder.document.get(JobDocument.ID)));
				put(first.id(), holder.number, added.document());
			}
			else if (this.open.size() >= MOST_OPEN) {
				throw new IllegalStateException(MOST_OPEN + " jobs wait in memory, since taskqueue.mode is inline and "
						+ "nobody runs them. Run them by TaskQueueTester.runDue(), or set taskqueue.mode=normal.");
			}
			else {
				put(added.idText(), ++this.last, job);
			}
		}
		tell(added);
		return new Added(added.idText(), false, added.toJob());
	}

	private static void requireSame(JobDocument added, Document known) {
		if (SAMENESS.stream().anyMatch((field) -> !Objects.equals(known.get(field), added.document().get(field)))) {
			throw new IllegalArgumentException("Job " + added.idText() + " of function '" + added.function()
					+ "': another job has the id, with another function, other arguments or another queue. "
					+ "Give each job an id of its own.");
		}
	}

	/** Whether a job holds a unique key. */
	synchronized boolean isHeld(@Nullable String uniqueKey) {
		return holder(uniqueKey) != null;
	}

	private @Nullable Kept holder(@Nullable String uniqueKey) {
		if (uniqueKey == null) {
			return null;
		}
		Instant now = this.clock.instant();
		return Stream
			.concat(this.open.values().stream(),
					this.ended.values().stream().filter((job) -> UniqueKey.isHeldAt(job.document, now)))
			.filter((job) -> uniqueKey.equals(job.document.get(JobDocument.UNIQUE_KEY)))
			.findFirst()
			.orElse(null);
	}

	synchronized @Nullable JobDocument find(String id) {
		Kept found = kept(id);
		return (found != null) ? new JobDocument(found.document) : null;
	}

	/** All jobs as they are, the latest first. */
	synchronized List<Job> latestFirst() {
		return Stream.concat(this.ended.values().stream(), this.open.values().stream())
			.sorted(Comparator.comparingLong(Kept::number).reversed())
			.map(Kept::toJob)
			.toList();
	}

	/** The ids of the pending jobs that are due and may run, in their turn. */
	synchronized List<String> due(Predicate<Job> mayRun) {
		return this.open.values()
			.stream()
			.map(Kept::toJob)
			.filter((job) -> isDue(job) && mayRun.test(job))
			.sorted(TURN)
			.map(Job::id)
			.toList();
	}

	/** Whether a job waits for nothing but its turn. */
	boolean isDue(Job job) {
		return job.state() == JobState.PENDING && !job.runAt().isAfter(this.clock.instant());
	}

	/**
	 * Puts another document in the place of a job's.
	 * @return the job as it was before, or null if there is none
	 */
	@Nullable JobDocument change(String id, Change change) {
		Kept before;
		Document after;
		synchronized (this) {
			before = kept(id);
			if (before == null) {
				return null;
			}
			after = change.of(before.document);
			if (before.document.equals(after)) {
				return new JobDocument(before.document);
			}
			put(id, before.number, after);
			notifyAll();
		}
		if (after != null) {
			tell(new JobDocument(after));
		}
		return new JobDocument(before.document);
	}

	/** Forgets all jobs but those that run. */
	synchronized void clear() {
		this.ended.clear();
		this.open.values().removeIf((job) -> job.toJob().state() != JobState.RUNNING);
	}

	/** Waits while another thread runs a job, as long as that and no longer. */
	synchronized void awaitRunning(String id, long deadline) throws InterruptedException {
		for (Kept job = kept(id); job != null && job.toJob().state() == JobState.RUNNING; job = kept(id)) {
			long left = deadline - System.nanoTime();
			if (left <= 0) {
				return;
			}
			wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
		}
	}

	JobWatch watch(Wanted wanted, Consumer<Job> listener) {
		Watch watch = new Watch(wanted, listener);
		this.watches.add(watch);
		JobDocument now = (wanted.id() != null) ? find(wanted.id()) : null;
		if (now != null) {
			watch.tell(now.toJob());
		}
		return () -> this.watches.remove(watch);
	}

	private @Nullable Kept kept(String id) {
		Kept found = this.open.get(id);
		return (found != null) ? found : this.ended.get(id);
	}

	private void put(String id, long number, @Nullable Document document) {
		this.open.remove(id);
		this.ended.remove(id);
		if (document != null) {
			Kept kept = new Kept(number, document);
			(kept.toJob().state().isEnd() ? this.ended : this.open).put(id, kept);
		}
		if (this.ended.size() > MOST_ENDED) {
			this.ended.remove(this.ended.keySet().iterator().next());
		}
	}

	private void tell(JobDocument job) {
		if (!this.watches.isEmpty()) {
			Job now = job.toJob();
			this.watches.stream()
				.filter((watch) -> watch.wanted.is(now, this.clock))
				.forEach((watch) -> watch.tell(now));
		}
	}

	/**
	 * What became of a job that was to be taken in.
	 *
	 * @param id its id, or that of the job that has its unique key
	 * @param isDuplicate whether another job has the key
	 * @param job as it was taken in; null if it was not
	 */
	record Added(String id, boolean isDuplicate, @Nullable Job job) {
	}

	/** What is to be in the place of a document. */
	interface Change {

		/** The same to change nothing, null to delete the job. */
		@Nullable Document of(Document job);

	}

	/**
	 * A job in memory.
	 *
	 * @param number counts the submits
	 * @param document as it is now
	 */
	private record Kept(long number, Document document) {

		Job toJob() {
			return new JobDocument(this.document).toJob();
		}

	}

	private record Watch(Wanted wanted, Consumer<Job> listener) {

		void tell(Job job) {
			try {
				this.listener.accept(job);
			}
			catch (RuntimeException | Error ex) {
				logger.warn("A listener of job {} failed; it is told of further changes", job.id(), ex);
			}
		}

	}

}
