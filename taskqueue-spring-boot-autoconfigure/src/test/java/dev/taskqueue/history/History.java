package dev.taskqueue.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.Beat;
import dev.taskqueue.history.Entry.Ended;
import dev.taskqueue.history.Entry.NodeGone;
import dev.taskqueue.history.Entry.NodeStops;
import dev.taskqueue.history.Entry.OfJob;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Stored;
import dev.taskqueue.history.Entry.Submitting;
import dev.taskqueue.history.Entry.TakenAway;
import org.jspecify.annotations.Nullable;

/** All entries of a run in the order of time, and by what they are about. */
public final class History {

	private static final String WORKERS = "taskqueue_workers";

	private final List<Entry> entries;

	private final Map<Class<?>, List<Entry>> byKind = new HashMap<>();

	private final Map<String, JobHistory> jobs = new LinkedHashMap<>();

	private final Map<String, List<Beat>> beats = new HashMap<>();

	private final Map<String, Ended> ends = new HashMap<>();

	/** Creates one of entries in any order. */
	public History(Collection<? extends Entry> entries) {
		this.entries = entries.stream().sorted(Comparator.comparingLong(Entry::at)).map(Entry.class::cast).toList();
		Map<String, List<OfJob>> byJob = new LinkedHashMap<>();
		for (Entry entry : this.entries) {
			this.byKind.computeIfAbsent(entry.getClass(), (kind) -> new ArrayList<>()).add(entry);
			if (entry instanceof OfJob ofJob) {
				byJob.computeIfAbsent(ofJob.job(), (job) -> new ArrayList<>()).add(ofJob);
			}
			if (entry instanceof Ended end) {
				this.ends.put(end.run(), end);
			}
			if (entry instanceof Beat beat) {
				this.beats.computeIfAbsent(beat.worker(), (worker) -> new ArrayList<>()).add(beat);
			}
		}
		byJob.forEach((job, lines) -> this.jobs.put(job, new JobHistory(job, lines)));
	}

	/** All of it. */
	public List<Entry> entries() {
		return this.entries;
	}

	/** The entries of one kind. */
	public <E extends Entry> Stream<E> all(Class<E> kind) {
		return this.byKind.getOrDefault(kind, List.of()).stream().map(kind::cast);
	}

	/** Jobs, and rows where they were answered. */
	Collection<JobHistory> jobs() {
		return this.jobs.values();
	}

	JobHistory job(String job) {
		return this.jobs.getOrDefault(job, new JobHistory(job, List.of()));
	}

	/** When a run was over: its function left, or its process was gone; never: no end. */
	Optional<Long> endOf(Started run) {
		Ended end = this.ends.get(run.run());
		return (end != null) ? Optional.of(end.at())
				: all(NodeGone.class).filter((gone) -> gone.process().equals(run.process()))
					.findFirst()
					.map(NodeGone::at);
	}

	@Nullable Ended ended(Started run) {
		return this.ends.get(run.run());
	}

	/**
	 * Until when an identity held its lease, as far as was known at a time: no longer
	 * than until it was told to end, and so may have given its jobs to others, or until
	 * somebody took away the documents that say so.
	 */
	long heldUntil(Started run, long knownAt) {
		LongStream stops = all(NodeStops.class).filter((stop) -> stop.process().equals(run.process()))
			.mapToLong(NodeStops::at);
		List<Beat> own = this.beats.getOrDefault(run.worker(), List.of());
		long since = own.isEmpty() ? Long.MAX_VALUE : own.get(0).at();
		LongStream drops = all(TakenAway.class)
			.filter((taken) -> taken.collection().equals(WORKERS) && taken.at() >= since)
			.mapToLong(TakenAway::at);
		long lease = own.stream()
			.filter((beat) -> beat.at() <= knownAt)
			.mapToLong(Beat::heldUntil)
			.max()
			.orElse(Long.MIN_VALUE);
		return LongStream.concat(LongStream.of(lease), LongStream.concat(stops, drops)).min().orElseThrow();
	}

	/** Whether somebody emptied a collection after a time. */
	boolean isTakenAwayAfter(String collection, long at) {
		return all(TakenAway.class).anyMatch((taken) -> taken.collection().equals(collection) && taken.at() >= at);
	}

	/** What is known of one job. */
	record JobHistory(String job, List<OfJob> entries) {

		<E extends OfJob> Stream<E> all(Class<E> kind) {
			return this.entries.stream().filter(kind::isInstance).map(kind::cast);
		}

		Optional<Submitting> submitting() {
			return all(Submitting.class).findFirst();
		}

		boolean was(Entry.Answer answer) {
			return all(Answered.class).anyMatch((answered) -> answered.answer() == answer);
		}

		Optional<Stored> stored() {
			return all(Stored.class).findFirst();
		}

		List<Started> starts() {
			return all(Started.class).toList();
		}

	}

}
