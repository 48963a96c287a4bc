package dev.taskqueue.test;

import java.util.List;
import java.util.stream.Collectors;

import dev.taskqueue.Job;

/** Jobs in the messages of assertions. */
final class JobTexts {

	/** More would hide the message. */
	private static final int MOST = 20;

	private JobTexts() {
	}

	static String of(List<Job> jobs) {
		return jobs.isEmpty() ? "no jobs"
				: jobs.stream()
					.limit(MOST)
					.map(JobTexts::of)
					.collect(Collectors.joining("\n  ", "these jobs:\n  ",
							(jobs.size() > MOST) ? "\n  and " + (jobs.size() - MOST) + " more" : ""));
	}

	static String of(Job job) {
		return job.function() + job.params() + (job.kwargs().isEmpty() ? "" : job.kwargs()) + " in queue '"
				+ job.queue() + "', " + job.state().text() + " at attempt " + job.attempt() + ", due at " + job.runAt()
				+ ((job.error() != null) ? ", " + job.error().message() : "") + " (" + job.id() + ")";
	}

}
