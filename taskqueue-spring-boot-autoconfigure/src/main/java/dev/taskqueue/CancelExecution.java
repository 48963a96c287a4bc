package dev.taskqueue;

/**
 * Thrown by a job (or a {@code JobInterceptor}) that finds that there is nothing to do
 * any more: the job ends {@code cancelled}, not failed, and no attempt follows. To come
 * again later instead, throw {@link RetryLater}.
 * <p>
 * It is looked for in what was thrown and in the cause of that, so one layer between may
 * wrap it. It has no stack trace, since it tells of no fault.
 */
public class CancelExecution extends RuntimeException {

	/** Creates one without a reason. */
	public CancelExecution() {
		this("The job cancelled itself");
	}

	/**
	 * Creates one.
	 * @param reason why; kept as the message of the job's error
	 */
	public CancelExecution(String reason) {
		super(reason, null, false, false);
	}

}
