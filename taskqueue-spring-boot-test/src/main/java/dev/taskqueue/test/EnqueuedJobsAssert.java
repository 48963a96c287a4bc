package dev.taskqueue.test;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

import dev.taskqueue.Job;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about jobs of which there is one or more. Each narrows them down, and fails
 * if none is left.
 */
public final class EnqueuedJobsAssert extends AbstractAssert<EnqueuedJobsAssert, List<Job>> {

	private final StoredForm form;

	private final String said;

	EnqueuedJobsAssert(List<Job> actual, StoredForm form, String said) {
		super(actual, EnqueuedJobsAssert.class);
		this.form = form;
		this.said = said;
	}

	/**
	 * With these positional arguments, compared as they are kept: a record with the map
	 * that is made of it, and numbers by their value.
	 * @param args all of them
	 * @return assertions about those that have them
	 */
	public EnqueuedJobsAssert withArgs(@Nullable Object... args) {
		List<@Nullable Object> expected = this.form.ofArgs(args);
		return narrowed((job) -> expected.equals(StoredForm.of(job.params())), "with args " + Arrays.toString(args));
	}

	/**
	 * With this argument by name.
	 * @param parameter the parameter's name
	 * @param value compared as {@link #withArgs} does
	 * @return assertions about those that have it
	 */
	public EnqueuedJobsAssert withKwarg(String parameter, @Nullable Object value) {
		Object expected = this.form.ofExpected(value);
		return narrowed(
				(job) -> job.kwargs().containsKey(parameter)
						&& Objects.equals(expected, StoredForm.of(job.kwargs().get(parameter))),
				"with kwarg " + parameter + "=" + value);
	}

	/**
	 * In a queue.
	 * @param queue its name
	 * @return assertions about those in it
	 */
	public EnqueuedJobsAssert inQueue(String queue) {
		return narrowed((job) -> job.queue().equals(queue), "in queue '" + queue + "'");
	}

	/**
	 * Submitted to start so much later; a job that waits for another attempt has another
	 * delay.
	 * @param delay the time between the submit and the start, to the millisecond
	 * @return assertions about those that have it
	 */
	public EnqueuedJobsAssert withDelay(Duration delay) {
		return narrowed((job) -> Duration.between(job.createdAt(), job.runAt()).equals(delay), "with delay " + delay);
	}

	/**
	 * So many.
	 * @param count the number
	 * @return this
	 */
	public EnqueuedJobsAssert times(int count) {
		if (this.actual.size() != count) {
			failWithMessage("Expected %s jobs %s, and there are %s: %s", count, this.said, this.actual.size(),
					JobTexts.of(this.actual));
		}
		return this;
	}

	/**
	 * Just one.
	 * @return assertions about this job
	 */
	public JobAssert once() {
		times(1);
		return new JobAssert(this.actual.get(0), this.form);
	}

	private EnqueuedJobsAssert narrowed(Predicate<Job> fits, String what) {
		String said = this.said + ", " + what;
		List<Job> left = this.actual.stream().filter(fits).toList();
		if (left.isEmpty()) {
			failWithMessage("Expected a job %s, and those %s are %s", said, this.said, JobTexts.of(this.actual));
		}
		return new EnqueuedJobsAssert(left, this.form, said);
	}

}
