package dev.taskqueue.test;

import java.util.List;

import dev.taskqueue.Job;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions about the jobs of a test, whether they have run or not.
 */
public final class TaskQueueTesterAssert extends AbstractAssert<TaskQueueTesterAssert, TaskQueueTester> {

	private final StoredForm form;

	TaskQueueTesterAssert(TaskQueueTester actual, StoredForm form) {
		super(actual, TaskQueueTesterAssert.class);
		this.form = form;
	}

	/**
	 * Jobs of a function were submitted.
	 * @param function its name
	 * @return assertions about these jobs
	 */
	public EnqueuedJobsAssert hasEnqueued(String function) {
		List<Job> found = of(function);
		if (found.isEmpty()) {
			failWithMessage("Expected a job of function '%s', and the test has %s", function,
					JobTexts.of(this.actual.jobs()));
		}
		return new EnqueuedJobsAssert(found, this.form, "of function '" + function + "'");
	}

	/**
	 * No job of a function was submitted.
	 * @param function its name
	 * @return this
	 */
	public TaskQueueTesterAssert hasNotEnqueued(String function) {
		List<Job> found = of(function);
		if (!found.isEmpty()) {
			failWithMessage("Expected no job of function '%s', and the test has %s", function, JobTexts.of(found));
		}
		return this;
	}

	/**
	 * No job was submitted.
	 * @return this
	 */
	public TaskQueueTesterAssert hasEnqueuedNothing() {
		List<Job> found = this.actual.jobs();
		if (!found.isEmpty()) {
			failWithMessage("Expected no job, and the test has %s", JobTexts.of(found));
		}
		return this;
	}

	private List<Job> of(String function) {
		return this.actual.jobs().stream().filter((job) -> job.function().equals(function)).toList();
	}

}
