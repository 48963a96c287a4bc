package dev.taskqueue.trial;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;

/** What only the nodes of the next release run. */
class NewFunctions {

	static final String FRESH = "fresh";

	private final Functions functions;

	NewFunctions(Functions functions) {
		this.functions = functions;
	}

	@AsyncJob(FRESH)
	public String fresh(JobContext job, int millis, int failures) throws Exception {
		return this.functions.run(job, () -> {
		});
	}

}
