package dev.taskqueue.observe;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

import dev.taskqueue.JobEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * Counts what happens to jobs on this node. Safe for several threads.
 * <p>
 * Names of functions and queues come from documents that anybody may write, so that only
 * those which this application knows become tags; the others are {@code unknown}, and no
 * foreign program can fill the registry.
 */
public final class TaskQueueMetrics implements Consumer<JobEvent> {

	private static final String ATTEMPTS = "taskqueue.attempts";

	private static final String SUBMITS = "taskqueue.submits";

	private static final String RECOVERIES = "taskqueue.recoveries";

	private static final String LOCKED = "taskqueue.locked";

	private static final String LISTENERS = "taskqueue.listeners";

	private static final String UNKNOWN = "unknown";

	private final MeterRegistry registry;

	private final Predicate<String> isKnownFunction;

	private final BoundedNames queues;

	/** To ask the registry for each job would cost more than to record it. */
	private final Map<Attempts, Timer> timers = new ConcurrentHashMap<>();

	private final Map<Jobs, Counter> counters = new ConcurrentHashMap<>();

	private final Map<Class<?>, Timer> listeners = new ConcurrentHashMap<>();

	/**
	 * Creates it.
	 * @param registry where the meters are registered
	 * @param isKnownFunction whether a function is one of this application
	 */
	public TaskQueueMetrics(MeterRegistry registry, Predicate<String> isKnownFunction) {
		this.registry = registry;
		this.isKnownFunction = isKnownFunction;
		this.queues = new BoundedNames(100, UNKNOWN);
	}

	@Override
	public void accept(JobEvent event) {
		if (event instanceof JobEvent.Enqueued) {
			counter(SUBMITS, "Jobs submitted by this application", event).increment();
		}
		else if (event instanceof JobEvent.Completed completed) {
			attempt(event, "succeeded", completed.duration());
		}
		else if (event instanceof JobEvent.Retrying retrying) {
			attempt(event, "retried", retrying.duration());
		}
		else if (event instanceof JobEvent.Failed failed) {
			attempt(event, "failed", failed.duration());
		}
		else if (event instanceof JobEvent.Cancelled cancelled) {
			attempt(event, "cancelled", cancelled.duration());
		}
		else if (event instanceof JobEvent.Interrupted interrupted) {
			attempt(event, "interrupted", interrupted.duration());
		}
		else if (event instanceof JobEvent.Locked) {
			counter(LOCKED, "Jobs that were to run on this application and found their lock held", event).increment();
		}
		else if (event instanceof JobEvent.Recovered) {
			counter(RECOVERIES, "Jobs taken back from lost workers by this application", event).increment();
		}
	}

	/**
	 * The application's own listeners heard an event.
	 * @param event which
	 * @param took how long all of them took together; the thread waited for them
	 */
	public void listened(JobEvent event, Duration took) {
		this.listeners
			.computeIfAbsent(event.getClass(),
					(type) -> Timer.builder(LISTENERS)
						.description("What the application's listeners to job events take of the threads that tell")
						.tag("event", type.getSimpleName().toLowerCase(Locale.ROOT))
						.register(this.registry))
			.record(took);
	}

	private void attempt(JobEvent event, String outcome, Duration duration) {
		if (duration.isZero()) {
			// ended before an attempt was begun: an unknown function, a cancelled job
			return;
		}
		this.timers
			.computeIfAbsent(new Attempts(function(event), this.queues.name(event.queue()), outcome), this::timer)
			.record(duration);
	}

	private Timer timer(Attempts attempts) {
		return Timer.builder(ATTEMPTS)
			.description("Attempts that ended on this application")
			.tag("function", attempts.function)
			.tag("queue", attempts.queue)
			.tag("outcome", attempts.outcome)
			.register(this.registry);
	}

	private Counter counter(String name, String description, JobEvent event) {
		return this.counters.computeIfAbsent(new Jobs(name, function(event), this.queues.name(event.queue())),
				(jobs) -> Counter.builder(name)
					.description(description)
					.tag("function", jobs.function)
					.tag("queue", jobs.queue)
					.register(this.registry));
	}

	private String function(JobEvent event) {
		return this.isKnownFunction.test(event.function()) ? event.function() : UNKNOWN;
	}

	/** What a counter is for; of names that are bounded. */
	private record Jobs(String name, String function, String queue) {
	}

	/** What a timer is for; of names that are bounded. */
	private record Attempts(String function, String queue, String outcome) {
	}

}
