package dev.taskqueue.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import dev.taskqueue.Job;
import dev.taskqueue.JobError;
import dev.taskqueue.JobProgress;
import dev.taskqueue.JobState;
import dev.taskqueue.JobWatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener and what it was told last of each job, so that it is told of changes only.
 * Told by one thread.
 */
final class Watch implements JobWatch {

	private static final Logger logger = LoggerFactory.getLogger(Watch.class);

	/** Of a job beyond them a picture may be told twice. */
	private static final int REMEMBERED = 10_000;

	/** An end says when the attempt ended, and is written moments later. */
	private static final Duration MARGIN = Duration.ofSeconds(1);

	private final Wanted wanted;

	private final Consumer<Job> listener;

	private final Clock serverClock;

	private final Consumer<Watch> end;

	/** What changed from then on is to be told. */
	private final Instant since;

	private final Map<String, Picture> told = new LinkedHashMap<>(16, 0.75f, true) {

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, Picture> eldest) {
			return size() > REMEMBERED;
		}

	};

	private volatile boolean fresh = true;

	private volatile boolean closed;

	/**
	 * Creates one.
	 * @param end told when it is closed
	 */
	Watch(Wanted wanted, Consumer<Job> listener, Clock serverClock, Consumer<Watch> end) {
		this.wanted = wanted;
		this.listener = listener;
		this.serverClock = serverClock;
		this.end = end;
		this.since = serverClock.instant().minus(MARGIN);
	}

	/** Whether nobody has looked yet for what there was before the changes are heard. */
	boolean isFresh() {
		return this.fresh;
	}

	void looked() {
		this.fresh = false;
	}

	Wanted wanted() {
		return this.wanted;
	}

	Instant since() {
		return this.since;
	}

	/** The jobs whose end was not told yet. */
	List<String> goingOn() {
		return this.told.entrySet()
			.stream()
			.filter((told) -> !told.getValue().state().isEnd())
			.map(Map.Entry::getKey)
			.toList();
	}

	/** Whether a job is to be told; one that is not meant any more is forgotten. */
	boolean isNews(Job job) {
		if (!this.wanted.is(job, this.serverClock)) {
			this.told.remove(job.id());
			return false;
		}
		return !Picture.of(job).equals(this.told.get(job.id()));
	}

	/** Tells a job, if it is meant and is not as it was told last. */
	void offer(Job job) {
		if (!isNews(job) || this.closed) {
			return;
		}
		this.told.put(job.id(), Picture.of(job));
		try {
			this.listener.accept(job);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A listener failed at job {}, which was {}; it will be told of further changes", job.id(),
					job.state().text(), ex);
		}
	}

	@Override
	public void close() {
		this.closed = true;
		this.end.accept(this);
	}

	/** What makes a job another one for its listeners. */
	private record Picture(JobState state, int attempt, int recoveries, Instant runAt, String queue, int priority,
			boolean cancelRequested, @Nullable JobProgress progress, @Nullable Instant failedAt) {

		static Picture of(Job job) {
			JobError error = job.error();
			return new Picture(job.state(), job.attempt(), job.recoveries(), job.runAt(), job.queue(), job.priority(),
					job.cancelRequested(), job.progress(), (error != null) ? error.at() : null);
		}

	}

}
