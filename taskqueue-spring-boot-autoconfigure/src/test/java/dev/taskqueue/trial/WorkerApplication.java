package dev.taskqueue.trial;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import com.mongodb.client.MongoClient;
import dev.taskqueue.JobEvent;
import dev.taskqueue.actuate.TaskQueueEndpoint;
import dev.taskqueue.actuate.TaskQueueHealthIndicator;
import dev.taskqueue.autoconfigure.NodeStatus;
import dev.taskqueue.history.Entry.Asked;
import dev.taskqueue.history.Entry.Beat;
import dev.taskqueue.history.Entry.NodeBegins;
import dev.taskqueue.history.Entry.Told;
import dev.taskqueue.history.HistoryFile;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.CrashPoints;
import dev.taskqueue.submit.Submitter;
import dev.taskqueue.testsupport.TcpProxy;
import dev.taskqueue.worker.WorkerStatus;
import org.bson.Document;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * An application that runs the jobs of a trial and writes down what it sees. It does what
 * it is told by lines of its standard input.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class WorkerApplication {

	static final String READY = "NODE READY";

	/** Tells it to submit no more. */
	static final String QUIET = "quiet";

	/** Tells it to hold all connections of its own pool for some seconds. */
	static final String EXHAUST = "exhaust";

	/** Tells it to have an Error strike whoever comes next to a crash point. */
	static final String STRIKE = "strike ";

	static final Duration LEASE = Duration.ofSeconds(2);

	static final int CONCURRENCY = 8;

	static final String BOUNDED_QUEUE = "bounded";

	static final int BOUNDED_CONCURRENCY = 2;

	/** Is paused now and then. */
	static final String PAUSABLE_QUEUE = "pausable";

	static final int POOL = 10;

	private static final long BEAT_MS = 200;

	public static void main(String[] args) {
		ConfigurableApplicationContext application = SpringApplication.run(WorkerApplication.class, args);
		OwnSubmits submits = new OwnSubmits(application.getBean(HistoryFile.class),
				application.getBean(Submitter.class), application.getBean(MongoTemplate.class).getDb());
		Thread submitting = new Thread(submits, "submitting");
		submitting.setDaemon(true);
		submitting.start();
		System.out.println(READY);
		Orders.obey(order -> {
			if (order.equals(EXHAUST)) {
				exhaust(application.getBean(MongoClient.class));
			}
			else if (order.equals(QUIET)) {
				submits.stop();
			}
			else if (order.startsWith(STRIKE)) {
				strikeAt(CrashPoint.valueOf(order.substring(STRIKE.length())));
			}
		});
	}

	private static void strikeAt(CrashPoint chosen) {
		AtomicBoolean struck = new AtomicBoolean();
		CrashPoints.set((point) -> {
			if (point == chosen && struck.compareAndSet(false, true)) {
				throw new InternalError("Struck at " + point);
			}
		});
	}

	private static void exhaust(MongoClient client) {
		Document sleep = new Document("sleep", 1).append("millis", 4000).append("lock", "none");
		for (int i = 0; i < POOL; i++) {
			new Thread(() -> client.getDatabase("admin").runCommand(sleep), "exhausting-" + i).start();
		}
	}

	@Bean
	HistoryFile history(@Value("${trial.directory}") Path directory, @Value("${trial.process}") String process) {
		HistoryFile history = new HistoryFile(directory, process);
		history.append(new NodeBegins(HistoryFile.now(), process, CONCURRENCY, BOUNDED_QUEUE, BOUNDED_CONCURRENCY));
		return history;
	}

	@Bean
	Functions functions(HistoryFile history) {
		return new Functions(history);
	}

	@Bean
	@ConditionalOnProperty("trial.new-functions")
	NewFunctions newFunctions(Functions functions) {
		return new NewFunctions(functions);
	}

	@Bean
	MongoClientSettingsBuilderCustomizer throughProxies(@Value("${trial.via}") String host) {
		return (settings) -> settings.inetAddressResolver(TcpProxy.leadingTo(host));
	}

	@Bean
	Witness witness(HistoryFile history, ConfigurableApplicationContext application) {
		return new Witness(history, application);
	}

	/** Writes down what the application can see of its queue. */
	static class Witness {

		private static final List<String> NOT_OF_THE_END = List.of("Enqueued", "Scheduled", "Executing", "Error",
				"Locked");

		private final HistoryFile history;

		private final ConfigurableApplicationContext application;

		private final ScheduledExecutorService beats = Executors.newScheduledThreadPool(3, (work) -> {
			Thread thread = new Thread(work, "witness");
			thread.setDaemon(true);
			return thread;
		});

		private volatile Health health = Health.unknown().build();

		Witness(HistoryFile history, ConfigurableApplicationContext application) {
			this.history = history;
			this.application = application;
		}

		@EventListener
		void started(ContextRefreshedEvent event) {
			// apart, for the health waits for a server that does not answer
			ScheduledFuture<?> unused = this.beats.scheduleWithFixedDelay(
					() -> this.health = this.application.getBean(TaskQueueHealthIndicator.class).health(), 0, BEAT_MS,
					TimeUnit.MILLISECONDS);
			unused = this.beats.scheduleWithFixedDelay(this::beat, 0, BEAT_MS, TimeUnit.MILLISECONDS);
			unused = this.beats.scheduleWithFixedDelay(this::ask, 0, BEAT_MS, TimeUnit.MILLISECONDS);
		}

		/** What a person would look at. */
		private void ask() {
			TaskQueueEndpoint endpoint = this.application.getBean(TaskQueueEndpoint.class);
			long began = HistoryFile.now();
			boolean answered = false;
			try {
				endpoint.taskQueue();
				answered = true;
			}
			catch (RuntimeException | Error ex) {
				// that is what is to be seen
			}
			long now = HistoryFile.now();
			this.history
				.append(new Asked(now, this.history.process(), answered, Duration.ofNanos(now - began).toMillis()));
		}

		private void beat() {
			// before it is asked: the thread may be held in between
			long now = HistoryFile.now();
			WorkerStatus worker = NodeStatus.of(this.application);
			WorkerStatus after = NodeStatus.of(this.application);
			// while it takes another identity, the lease may be that of either
			if (worker != null && after != null && worker.id().equals(after.id())) {
				Runtime runtime = Runtime.getRuntime();
				Health seen = this.health;
				String problem = String.valueOf(seen.getDetails()
					.getOrDefault("mongodb",
							seen.getDetails().getOrDefault("lease", seen.getDetails().getOrDefault("stuck", ""))));
				this.history.append(new Beat(now, this.history.process(), worker.id(),
						now - worker.sinceLastBeat().toNanos() + LEASE.toNanos(), seen.getStatus().getCode(),
						problem.isEmpty() ? null : problem, runtime.totalMemory() - runtime.freeMemory(),
						Thread.activeCount()));
			}
		}

		@EventListener
		void told(JobEvent event) {
			String name = event.getClass().getSimpleName();
			if (!NOT_OF_THE_END.contains(name)) {
				int attempt = (event instanceof JobEvent.Retrying retrying) ? retrying.error().attempt() : 0;
				this.history.append(new Told(HistoryFile.now(), this.history.process(), event.jobId(), name, attempt));
			}
		}

	}

}
