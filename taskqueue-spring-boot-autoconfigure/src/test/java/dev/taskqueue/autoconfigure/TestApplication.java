package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.Arrays;
import java.util.ArrayList;
import java.util.List;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.Job;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A whole application on a real server, that submits and runs its own jobs. Its retries
 * come at once unless a test says otherwise.
 */
final class TestApplication implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private TestApplication(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static TestApplication start(MongoDatabase database, Class<?> configuration, String... properties) {
		List<String> all = new ArrayList<>(List.of("spring.mongodb.uri=" + MongoServer.uri(database),
				"spring.main.banner-mode=off", "taskqueue.crontab.enabled=false", "taskqueue.job.backoff.initial=0s"));
		all.addAll(Arrays.asList(properties));
		return new TestApplication(new SpringApplicationBuilder(configuration).web(WebApplicationType.NONE)
			.properties(all.toArray(String[]::new))
			.run());
	}

	TaskQueue queue() {
		return bean(TaskQueue.class);
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	/** The job when it has come to an end. */
	Job ended(JobHandle<?> job) {
		return in(job, JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED);
	}

	/** The job when it is in one of some states. */
	Job in(JobHandle<?> job, JobState... states) {
		return Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.until(() -> job.find().orElseThrow(), (found) -> List.of(states).contains(found.state()));
	}

	@Override
	public void close() {
		this.context.close();
	}

}
