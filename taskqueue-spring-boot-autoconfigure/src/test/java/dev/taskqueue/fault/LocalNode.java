package dev.taskqueue.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.mongodb.client.MongoClient;
import com.mongodb.event.CommandListener;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.WorkerControl;
import dev.taskqueue.actuate.TaskQueueEndpoint;
import dev.taskqueue.actuate.TaskQueueHealthIndicator;
import dev.taskqueue.store.TaskQueueDatabase;
import org.awaitility.Awaitility;
import org.bson.Document;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * An application in the test's own JVM: for faults of the server, which do not need
 * processes to be killed. What its functions did is kept in memory, so that the test
 * knows it without a server.
 */
final class LocalNode implements AutoCloseable {

	/** For outages: elsewhere a slow disk is none. */
	static final String IMPATIENT = "taskqueue.mongodb.timeout=2s";

	private final ConfigurableApplicationContext application;

	private LocalNode(ConfigurableApplicationContext application) {
		this.application = application;
	}

	/**
	 * Starts one and waits until it is well.
	 * @param uri of the server, without a database
	 * @param listener hears of the commands that the node sends
	 * @param properties further ones
	 */
	static LocalNode start(String uri, CommandListener listener, String... properties) {
		LocalNode node = begin(uri, listener, properties);
		Awaitility.await("the node to be well").atMost(Duration.ofSeconds(60)).until(node::isUp);
		return node;
	}

	/** Starts one that will not be well yet. */
	static LocalNode begin(String uri, CommandListener listener, String... properties) {
		List<String> all = new ArrayList<>(List.of("spring.mongodb.uri=" + uri, "spring.mongodb.database=outages",
				"spring.main.banner-mode=off", "taskqueue.worker.lease=2s", "taskqueue.job.backoff.initial=500ms",
				"management.endpoints.web.exposure.include=taskqueue"));
		all.addAll(Arrays.asList(properties));
		return new LocalNode(new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(all.toArray(String[]::new))
			.initializers((application) -> application.getBeanFactory().registerSingleton("listener", listener))
			.run());
	}

	static LocalNode start(String uri, String... properties) {
		return start(uri, new CommandListener() {
		}, properties);
	}

	TaskQueue queue() {
		return this.application.getBean(TaskQueue.class);
	}

	WorkerControl worker() {
		return this.application.getBean(WorkerControl.class);
	}

	TaskQueueDatabase database() {
		return this.application.getBean(TaskQueueDatabase.class);
	}

	MongoClient client() {
		return this.application.getBean(MongoClient.class);
	}

	TaskQueueEndpoint endpoint() {
		return this.application.getBean(TaskQueueEndpoint.class);
	}

	Functions functions() {
		return this.application.getBean(Functions.class);
	}

	Health health() {
		return this.application.getBean(TaskQueueHealthIndicator.class).health();
	}

	/**
	 * Has the server fail commands to the jobs.
	 * @param mode of the fail point
	 * @param data which commands, and how; empty where the mode is {@code 'off'}
	 */
	void failOnJobs(String mode, String data) {
		client().getDatabase("admin")
			.runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: %s%s}".formatted(mode,
					data.isEmpty() ? "" : ", data: {namespace: 'outages.taskqueue_jobs', " + data + "}")));
	}

	boolean isUp() {
		Health health = health();
		return health.getStatus().equals(Status.UP) && health.getDetails().containsKey("worker")
				&& !health.getDetails().containsKey("mongodb");
	}

	boolean isDown() {
		return health().getStatus().equals(Status.DOWN);
	}

	@Override
	public void close() {
		functions().release();
		this.application.close();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Functions functions() {
			return new Functions();
		}

		@Bean
		MongoClientSettingsBuilderCustomizer listening(ObjectProvider<CommandListener> listener) {
			return (settings) -> listener.ifAvailable(settings::addCommandListener);
		}

	}

	/** What the node runs. */
	static class Functions {

		private final Map<String, AtomicInteger> ends = new ConcurrentHashMap<>();

		private final AtomicInteger held = new AtomicInteger();

		private final CountDownLatch release = new CountDownLatch(1);

		@AsyncJob("count")
		public int count(JobContext job) {
			end(job);
			return 1;
		}

		@AsyncJob("hold")
		public int hold(JobContext job) throws InterruptedException {
			this.held.incrementAndGet();
			this.release.await(5, TimeUnit.MINUTES);
			end(job);
			return 2;
		}

		@AsyncJob("echo")
		public String echo(String text) {
			return text;
		}

		@AsyncJob("fail")
		public void fail() {
			throw new IllegalStateException("as ordered");
		}

		@AsyncJob("heed")
		public String heed(JobContext job) {
			this.held.incrementAndGet();
			while (!job.isCancelled()) {
				Thread.onSpinWait();
			}
			end(job);
			return "returned all the same";
		}

		@AsyncJob("ignore")
		public void ignore(JobContext job) {
			this.held.incrementAndGet();
			while (this.release.getCount() > 0) {
				Thread.onSpinWait();
			}
			end(job);
		}

		@AsyncJob(name = "unique", uniqueBy = "#order")
		public int unique(int order, JobContext job) {
			end(job);
			return order;
		}

		private void end(JobContext job) {
			this.ends.computeIfAbsent(job.jobId(), (id) -> new AtomicInteger()).incrementAndGet();
		}

		/** How often a job was run to its end here. */
		int ends(String job) {
			AtomicInteger count = this.ends.get(job);
			return (count != null) ? count.get() : 0;
		}

		/** How many attempts of {@code hold} have begun here. */
		int held() {
			return this.held.get();
		}

		/** Lets all attempts of {@code hold} end. */
		void release() {
			this.release.countDown();
		}

	}

}
