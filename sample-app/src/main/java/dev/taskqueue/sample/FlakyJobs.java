package dev.taskqueue.sample;

import java.io.IOException;
import java.time.Duration;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.RetryLater;

import org.springframework.stereotype.Component;

/**
 * Functions that do not succeed at first: what is thrown is written to the job, and the
 * next attempt follows by itself, or when the job says.
 */
@Component
public class FlakyJobs {

	@AsyncJob(name = "fetch_page", maxAttempts = 5, backoff = "1s, 2s, 5s", timeout = "10s")
	public String fetch(String url, JobContext job) throws IOException {
		if (job.attempt() < 3) {
			throw new IOException("No answer from " + url);
		}
		return "fetched " + url + " at attempt " + job.attempt();
	}

	@AsyncJob(name = "collect_page", maxAttempts = 20, noRetryFor = IllegalStateException.class)
	public String collect(String url, JobContext job) {
		if (job.attempt() < 3) {
			// not ready: no failure, but it spends an attempt
			throw new RetryLater(Duration.ofMillis(500));
		}
		return "collected " + url;
	}

}
