package dev.taskqueue.test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import dev.taskqueue.Job;
import dev.taskqueue.JobQuery;
import dev.taskqueue.inline.InlineTaskQueue;

/** In memory. */
final class InlineJobRuns implements JobRuns {

	private final InlineTaskQueue queue;

	InlineJobRuns(InlineTaskQueue queue) {
		this.queue = queue;
		queue.hold(true);
	}

	@Override
	public List<Job> jobs() {
		List<Job> jobs = new ArrayList<>(this.queue.query(JobQuery.all()).toList());
		Collections.reverse(jobs);
		return jobs;
	}

	@Override
	public List<Job> scheduled() {
		return this.queue.query(JobQuery.all().scheduled())
			.filter((job) -> this.queue.knows(job.function()) && !this.queue.isPaused(job.queue()))
			.toList();
	}

	@Override
	public int runDue(int most) {
		return this.queue.runDue(most);
	}

	@Override
	public void hold(boolean held) {
		this.queue.hold(held);
	}

	@Override
	public boolean reset() {
		this.queue.clear();
		this.queue.hold(true);
		return true;
	}

}
