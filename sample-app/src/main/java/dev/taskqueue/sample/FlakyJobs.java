package dev.taskqueue.sample;

import java.io.IOException;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;

import org.springframework.stereotype.Component;

/**
 * A function that fails at first: what it throws is written to the job, and the next
 * attempt follows by itself.
 */
@Component
public class FlakyJobs {

	@AsyncJob(name = "fetch_page", maxAttempts = 5, backoff = "1s", timeout = "10s")
	public String fetch(String url, JobContext job) throws IOException {
		if (job.attempt() < 3) {
			throw new IOException("No answer from " + url);
		}
		return "fetched " + url + " at attempt " + job.attempt();
	}

}
