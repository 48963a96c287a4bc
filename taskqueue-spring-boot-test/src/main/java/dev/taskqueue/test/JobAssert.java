package dev.taskqueue.test;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

import dev.taskqueue.Job;
import dev.taskqueue.JobError;
import dev.taskqueue.JobState;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about a job as it was when the assertions began.
 */
public final class JobAssert extends AbstractAssert<JobAssert, Job> {

	private final StoredForm form;

	JobAssert(Job actual, StoredForm form) {
		super(actual, JobAssert.class);
		this.form = form;
	}

	/**
	 * Waits for its time, for its turn or for another attempt.
	 * @return this
	 */
	public JobAssert isPending() {
		return hasState(JobState.PENDING);
	}

	/**
	 * Has ended well.
	 * @return this
	 */
	public JobAssert hasSucceeded() {
		return hasState(JobState.SUCCEEDED);
	}

	/**
	 * Has ended badly, with no attempt left.
	 * @return this
	 */
	public JobAssert hasFailed() {
		return hasState(JobState.FAILED);
	}

	/**
	 * Was cancelled.
	 * @return this
	 */
	public JobAssert isCancelled() {
		return hasState(JobState.CANCELLED);
	}

	/**
	 * Was not started in time.
	 * @return this
	 */
	public JobAssert isExpired() {
		return hasState(JobState.EXPIRED);
	}

	/**
	 * Is in a state.
	 * @param state the state
	 * @return this
	 */
	public JobAssert hasState(JobState state) {
		return has("state", state, this.actual.state());
	}

	/**
	 * Is of a function.
	 * @param function its name
	 * @return this
	 */
	public JobAssert hasFunction(String function) {
		return has("function", function, this.actual.function());
	}

	/**
	 * Has these positional arguments, compared as {@link EnqueuedJobsAssert#withArgs}
	 * does.
	 * @param args all of them
	 * @return this
	 */
	public JobAssert hasArgs(@Nullable Object... args) {
		List<@Nullable Object> expected = this.form.ofArgs(args);
		return has("args", expected, StoredForm.of(this.actual.params()));
	}

	/**
	 * Has an argument by name.
	 * @param parameter the parameter's name
	 * @param value compared as {@link EnqueuedJobsAssert#withArgs} does
	 * @return this
	 */
	public JobAssert hasKwarg(String parameter, @Nullable Object value) {
		return has("kwarg " + parameter, this.form.ofExpected(value),
				StoredForm.of(this.actual.kwargs().get(parameter)));
	}

	/**
	 * Is in a queue.
	 * @param queue its name
	 * @return this
	 */
	public JobAssert hasQueue(String queue) {
		return has("queue", queue, this.actual.queue());
	}

	/**
	 * Has a priority.
	 * @param priority higher runs first
	 * @return this
	 */
	public JobAssert hasPriority(int priority) {
		return has("priority", priority, this.actual.priority());
	}

	/**
	 * Has had so many attempts, one that is under way included.
	 * @param attempts the number
	 * @return this
	 */
	public JobAssert hasAttempts(int attempts) {
		return has("attempts", attempts, this.actual.attempt());
	}

	/**
	 * Is not to start before that.
	 * @param runAt to the millisecond
	 * @return this
	 */
	public JobAssert isDueAt(Instant runAt) {
		return has("due time", runAt, this.actual.runAt());
	}

	/**
	 * Has a result.
	 * @param result compared as {@link EnqueuedJobsAssert#withArgs} does
	 * @return this
	 */
	public JobAssert hasResult(@Nullable Object result) {
		return has("result", this.form.ofExpected(result), StoredForm.of(this.actual.result()));
	}

	/**
	 * Its latest attempt that did not succeed says this.
	 * @param text a part of the error's message
	 * @return this
	 */
	public JobAssert hasErrorContaining(String text) {
		JobError error = this.actual.error();
		if (error == null || !error.message().contains(text)) {
			failWithMessage("Expected an error that contains '%s', and the job is %s", text, JobTexts.of(this.actual));
		}
		return this;
	}

	private JobAssert has(String what, @Nullable Object expected, @Nullable Object value) {
		if (!Objects.equals(expected, value)) {
			failWithActualExpectedAndMessage(value, expected, "Expected the %s '%s', found '%s'; the job is %s", what,
					expected, value, JobTexts.of(this.actual));
		}
		return this;
	}

}
