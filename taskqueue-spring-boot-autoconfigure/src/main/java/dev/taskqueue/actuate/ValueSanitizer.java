package dev.taskqueue.actuate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.taskqueue.Job;
import dev.taskqueue.JobError;
import dev.taskqueue.JobProgress;
import dev.taskqueue.PeriodicJob;
import dev.taskqueue.crontab.CrontabRows.RecurringRow;
import dev.taskqueue.observe.FaultyRows.FaultyRow;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.Sanitizer;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;

/**
 * Hides what may be a secret: arguments and results, and what speaks of them.
 */
final class ValueSanitizer {

	private final Sanitizer sanitizer;

	ValueSanitizer(Iterable<SanitizingFunction> functions) {
		this.sanitizer = new Sanitizer(functions);
	}

	JobDescriptor job(Job job, boolean show) {
		return new JobDescriptor(job.id(), job.function(), params(job.params(), show), kwargs(job.kwargs(), show),
				job.queue(), job.priority(), job.state().text(), job.runAt(), job.createdAt(), job.attempt(),
				job.maxAttempts(), job.recoveries(), job.timeout(), job.worker(), job.claimedAt(), job.finishedAt(),
				value("result", job.result(), show), (job.error() != null) ? error(job.error()) : null,
				job.cancelRequested(), progress(job), log(job, show), value("lock", job.waitsFor(), show));
	}

	CrontabDescriptor.RowDescriptor row(FaultyRow row, boolean show) {
		boolean isArgument = row.field().startsWith("params") || row.field().startsWith("kwargs");
		boolean hide = isArgument && !show;
		return new CrontabDescriptor.RowDescriptor(row.id(), row.name(), row.function(), row.field(),
				isArgument ? value(row.field(), row.value(), show) : row.value(),
				hide ? "An argument does not fit: see the field 'error' of the row." : row.message(), row.at());
	}

	PeriodicJobDescriptor periodic(RecurringRow row, boolean show) {
		PeriodicJob job = row.job();
		return new PeriodicJobDescriptor(row.id(), job.name(), job.source(), job.function(), params(job.params(), show),
				kwargs(job.kwargs(), show), job.cron(), job.every(), job.zone(), job.queue(), job.priority(),
				job.misfire(), job.whileRunning(), job.startTime(), job.endTime(), job.enabled(), job.removedAt(),
				job.nextTimes(), job.lastTime(), job.lastJobId(), value("error", job.error(), show));
	}

	private List<@Nullable Object> params(List<@Nullable Object> params, boolean show) {
		List<@Nullable Object> shown = new ArrayList<>();
		for (int i = 0; i < params.size(); i++) {
			shown.add(value("params[" + i + "]", params.get(i), show));
		}
		return shown;
	}

	private Map<String, @Nullable Object> kwargs(Map<String, @Nullable Object> kwargs, boolean show) {
		Map<String, @Nullable Object> shown = new LinkedHashMap<>();
		kwargs.forEach((name, value) -> shown.put(name, value(name, value, show)));
		return shown;
	}

	private static JobDescriptor.@Nullable ProgressDescriptor progress(Job job) {
		JobProgress progress = job.progress();
		return (progress != null) ? new JobDescriptor.ProgressDescriptor(progress.percent(), progress.message()) : null;
	}

	/** What a function logs is mostly about its arguments. */
	private List<JobDescriptor.LogLineDescriptor> log(Job job, boolean show) {
		return job.log()
			.stream()
			.map((line) -> new JobDescriptor.LogLineDescriptor(line.at(), line.level(),
					value("log", line.message(), show)))
			.toList();
	}

	private @Nullable Object value(String key, @Nullable Object value, boolean show) {
		return (value != null) ? this.sanitizer.sanitize(new SanitizableData(null, key, value), show) : null;
	}

	private static JobDescriptor.ErrorDescriptor error(JobError error) {
		return new JobDescriptor.ErrorDescriptor(error.reason().text(), error.type(), error.message(), error.stack(),
				error.attempt(), error.at());
	}

}
