package dev.taskqueue.inline;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

import dev.taskqueue.JobBuilder;
import dev.taskqueue.JobHandle;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.PeriodicJob;
import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.PeriodicJobs;
import dev.taskqueue.TaskQueue;

/**
 * Periodic jobs that are kept in memory and run only when they are triggered: there is no
 * scheduler. Those of other sources are not among them.
 */
public final class InlinePeriodicJobs implements PeriodicJobs {

	private final TaskQueue queue;

	private final Map<String, PeriodicJobSpec> jobs = new ConcurrentSkipListMap<>();

	/**
	 * Creates it.
	 * @param queue runs what is triggered
	 */
	public InlinePeriodicJobs(TaskQueue queue) {
		this.queue = queue;
	}

	@Override
	public PeriodicJob add(PeriodicJobSpec job) {
		this.jobs.put(job.name(), job);
		return toJob(job);
	}

	@Override
	public PeriodicJob change(String name, Consumer<PeriodicJobBuilder> change) {
		PeriodicJobBuilder builder = existing(name).toBuilder();
		change.accept(builder);
		return add(builder.build());
	}

	@Override
	public void pause(String name) {
		change(name, (job) -> job.enabled(false));
	}

	@Override
	public void resume(String name) {
		change(name, (job) -> job.enabled(true));
	}

	@Override
	public JobHandle<Object> trigger(String name) {
		PeriodicJobSpec periodic = existing(name);
		JobBuilder job = this.queue.job(periodic.function(), periodic.params().toArray());
		periodic.kwargs().forEach(job::kwarg);
		if (periodic.queue() != null) {
			job.queue(periodic.queue());
		}
		if (periodic.priority() != null) {
			job.priority(periodic.priority());
		}
		if (periodic.maxAttempts() != null) {
			job.maxAttempts(periodic.maxAttempts());
		}
		if (periodic.timeout() != null) {
			job.timeout(periodic.timeout());
		}
		if (periodic.expiresIn() != null) {
			job.expiresIn(periodic.expiresIn());
		}
		if (periodic.uniqueKey() != null) {
			job.uniqueKey(periodic.uniqueKey());
		}
		return job.onDuplicate(OnDuplicate.THROW).enqueue();
	}

	@Override
	public boolean remove(String name) {
		return this.jobs.remove(name) != null;
	}

	@Override
	public Optional<PeriodicJob> find(String name) {
		return Optional.ofNullable(this.jobs.get(name)).map(InlinePeriodicJobs::toJob);
	}

	@Override
	public List<PeriodicJob> list() {
		return this.jobs.values().stream().map(InlinePeriodicJobs::toJob).toList();
	}

	private PeriodicJobSpec existing(String name) {
		PeriodicJobSpec job = this.jobs.get(name);
		if (job == null) {
			throw new IllegalArgumentException("There is no periodic job '" + name
					+ "' in memory. Since taskqueue.mode is "
					+ "inline, those of annotations, properties, files and rows are not known: add it, call its "
					+ "function, or set taskqueue.mode=normal.");
		}
		return job;
	}

	private static PeriodicJob toJob(PeriodicJobSpec job) {
		return new PeriodicJob(job.name(), "api", job.function(), job.params(), job.kwargs(), job.cron(), job.every(),
				(job.zone() != null) ? job.zone().getId() : null, job.queue(), job.priority(),
				job.misfire().name().toLowerCase(Locale.ROOT), job.whileRunning().name().toLowerCase(Locale.ROOT),
				job.startTime(), job.endTime(), job.enabled(), null, List.of(), null, null, null);
	}

}
