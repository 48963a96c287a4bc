package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.CancelExecution;
import dev.taskqueue.CancelResult;
import dev.taskqueue.DuplicateJobException;
import dev.taskqueue.EnqueueErrorHandler;
import dev.taskqueue.EnqueueInterceptor;
import dev.taskqueue.Job;
import dev.taskqueue.JobBuilder;
import dev.taskqueue.JobChange;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobError;
import dev.taskqueue.JobErrorHandler;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobFailedException;
import dev.taskqueue.JobGoneException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobInterceptor;
import dev.taskqueue.JobLogLine;
import dev.taskqueue.JobProgress;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobResult;
import dev.taskqueue.JobState;
import dev.taskqueue.JobStateException;
import dev.taskqueue.JobWatch;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.PeriodicJob;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.PeriodicJobs;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.inline.InlineTaskQueue;
import dev.taskqueue.store.TaskQueueDatabase;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * {@code taskqueue.mode=inline}, in an application that has no MongoDB at all.
 */
@ExtendWith(OutputCaptureExtension.class)
class InlineModeTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(TaskQueueInlineAutoConfiguration.class,
				TaskQueueAutoConfiguration.class, TaskQueueWorkerAutoConfiguration.class,
				TaskQueueCrontabAutoConfiguration.class, TaskQueueMetricsAutoConfiguration.class,
				TaskQueueEndpointAutoConfiguration.class, TaskQueueHealthAutoConfiguration.class))
		.withUserConfiguration(Application.class)
		.withPropertyValues("taskqueue.mode=inline");

	@Test
	void hasNeitherStoreNorWorkerAndSaysWhatItIsFor(CapturedOutput output) {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed()
				.hasSingleBean(TaskQueue.class)
				.doesNotHaveBean(TaskQueueDatabase.class)
				.doesNotHaveBean(WorkerLifecycle.class)
				.doesNotHaveBean(CrontabLifecycle.class);
			assertThat(output).contains("taskqueue.mode is inline", "This is for tests");
		});
	}

	@Test
	void modeThatIsNoneIsRefused() {
		this.runner.withPropertyValues("taskqueue.mode=eager")
			.run((context) -> assertThat(context.getStartupFailure()).rootCause().hasMessageContaining("eager"));
	}

	@Test
	void jobRunsInTheCallersThreadBeforeItsSubmitReturns() {
		with((queue, trace) -> {
			JobHandle<Object> job = queue.enqueue("remember", "this");

			assertThat(trace.threads).containsExactly(Thread.currentThread());
			assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
			assertThat(job.result()).contains(new JobResult<>("remembered this"));
		});
	}

	@Test
	void callersThreadKeepsItsNameItsLogContextAndItsInterrupt() {
		with((queue, trace) -> {
			String name = Thread.currentThread().getName();
			MDC.put("request", "r1");
			Thread.currentThread().interrupt();

			Job job = ended(queue.enqueue("remember", "it"));

			assertThat(Thread.interrupted()).isTrue();
			assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("request", "r1"));
			assertThat(Thread.currentThread().getName()).isEqualTo(name);
			assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
			MDC.clear();
		});
	}

	@Test
	void argumentsAndResultsGoThroughWhatADocumentHolds() {
		with((queue, trace) -> {
			Order order = new Order("o-1", 3, Instant.parse("2026-11-27T10:00:00Z"));

			JobHandle<Object> job = queue.enqueue("take_order", order);

			assertThat(ended(job).params()).first()
				.asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("id", "o-1")
				.containsEntry("count", 3);
			assertThat(job.as(Order.class).result()).contains(new JobResult<>(new Order("o-1", 4, order.at())));
		});
	}

	@Test
	void recordedCallIsRun() {
		with((queue, trace) -> assertThat(ended(queue.enqueue(Jobs.class, (jobs) -> jobs.twice(21))).result())
			.isEqualTo(42));
	}

	@Test
	void argumentThatDoesNotFitFailsTheJobAndOneThatCannotBeKeptTheSubmit() {
		with((queue, trace) -> {
			Job job = ended(queue.enqueue("take_order", "no order"));

			assertThat(job.state()).isEqualTo(JobState.FAILED);
			assertThat(error(job).reason()).isEqualTo(JobError.Reason.UNREADABLE);
			assertThatIllegalArgumentException().isThrownBy(() -> queue.enqueue("remember", new Object()));
			assertThatIllegalArgumentException().isThrownBy(() -> queue.enqueue("remember", "x".repeat(2_000_000)))
				.withMessageContaining("expected at most");
		});
	}

	@Test
	void hooksOfTheApplicationAreCalledInTheirOrder() {
		with((queue, trace) -> {
			queue.enqueue("remember", "intercepted");

			assertThat(trace.lines).containsExactly("before enqueue", "attempt begins", "remember intercepted!",
					"attempt ends");
		});
	}

	@Test
	void refusedSubmitReachesTheSubmitterAndItsHandler() {
		with((queue, trace) -> {
			assertThatIllegalStateException().isThrownBy(() -> queue.enqueue("unwanted"));

			assertThat(trace.lines).containsExactly("enqueue failed");
			assertThat(queue.query(JobQuery.all())).isEmpty();
		});
	}

	@Test
	void signalsOfAJobComeInTheirOrder() {
		with((queue, trace) -> {
			queue.enqueue("remember", "it");

			assertThat(trace.signals()).containsExactly("Enqueued", "Executing", "Completed");
		});
	}

	@Test
	void failedAttemptWaitsForAnotherByTheClock() {
		with((queue, trace) -> {
			JobHandle<Object> job = queue.enqueue("flaky", 1);

			Job found = ended(job);
			assertThat(found.state()).isEqualTo(JobState.PENDING);
			assertThat(found.attempt()).isEqualTo(1);
			assertThat(found.runAt()).isAfter(found.createdAt().plusSeconds(50));
			assertThat(error(found).message()).isEqualTo("attempt 1");
			assertThat(trace.signals()).containsExactly("Enqueued", "Executing", "Error", "Retrying", "Scheduled");
			assertThat(trace.lines).endsWith("attempt failed");

			queue.runNow(job.id());
			assertThat(job.result()).contains(new JobResult<>("succeeded at attempt 2"));
		});
	}

	@Test
	void retryWithoutAWaitFollowsAtOnceAndTheLastOneFails() {
		with((queue, trace) -> {
			JobHandle<Object> job = queue.job("impatient").maxAttempts(3).enqueue();

			assertThat(ended(job).attempt()).isEqualTo(3);
			assertThatExceptionOfType(JobFailedException.class).isThrownBy(job::result)
				.withMessageContaining("attempt 3");
		});
	}

	@Test
	void jobThatCancelsItselfEndsCancelled() {
		with((queue, trace) -> {
			Job job = ended(queue.enqueue("withdrawn"));

			assertThat(job.state()).isEqualTo(JobState.CANCELLED);
			assertThat(error(job).message()).isEqualTo("not today");
		});
	}

	@Test
	void cancellationOfARunningJobInterruptsIt() {
		with((queue, trace) -> {
			Job job = ended(queue.enqueue("suicidal"));

			assertThat(job.state()).isEqualTo(JobState.CANCELLED);
			assertThat(trace.lines).contains("cancel: REQUESTED, isCancelled: true");
		});
	}

	@Test
	void delayedJobStaysPending() {
		with((queue, trace) -> {
			JobHandle<Object> job = queue.job("remember", "later").delay(Duration.ofHours(1)).enqueue();

			assertThat(job.state()).isEqualTo(JobState.PENDING);
			assertThat(job.result()).isEmpty();
			assertThat(trace.signals()).containsExactly("Enqueued", "Scheduled");
			assertThat(queue.query(JobQuery.all().scheduled())).hasSize(1);
		});
	}

	@Test
	void pendingJobIsNotWaitedFor() {
		with((queue, trace) -> {
			JobHandle<Object> job = queue.job("remember", "later").delay(Duration.ofHours(1)).enqueue();

			assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> job.await(Duration.ofDays(1)))
				.withMessageContaining("taskqueue.mode is inline")
				.withMessageContaining("TaskQueueTester.runDue()");
		});
	}

	@Test
	void endIsAwaitedAndCompletes() throws Exception {
		with((queue, trace) -> {
			JobHandle<Object> job = queue.enqueue("remember", "it");
			JobHandle<Object> later = queue.job("remember", "later").delay(Duration.ofHours(1)).enqueue();
			List<Object> completed = new ArrayList<>();
			CompletableFuture<Void> told = later.completion().thenAccept(completed::add);

			assertThat(job.await(Duration.ZERO)).isEqualTo("remembered it");
			assertThat(job.completion()).isCompletedWithValue("remembered it");
			queue.runNow(later.id());
			assertThat(told).isCompleted();
			assertThat(completed).containsExactly("remembered later");
			assertThat(queue.handle("none").completion()).isCompletedExceptionally();
			assertThatExceptionOfType(JobGoneException.class).isThrownBy(() -> queue.handle("none").state());
		});
	}

	@Test
	void jobThatAJobSubmitsRunsWhenThatHasEndedAndBeforeTheFirstSubmitReturns() {
		with((queue, trace) -> {
			queue.enqueue("chain", 2);

			assertThat(trace.lines.stream().filter((line) -> line.startsWith("chain"))).containsExactly(
					"chain 2 begins", "chain 2 ends", "chain 1 begins", "chain 1 ends", "chain 0 begins",
					"chain 0 ends");
		});
	}

	@Test
	void chainWithoutAnEndIsNotFollowedForEver() {
		with((queue, trace) -> assertThatIllegalStateException().isThrownBy(() -> queue.enqueue("chain", 1_000_000))
			.withMessageContaining("of function 'chain' is still due after 10000 attempts in a row"));
	}

	@Test
	void jobOfAnUnknownFunctionStaysPending() {
		with((queue, trace) -> assertThat(queue.enqueue("of_others").state()).isEqualTo(JobState.PENDING));
	}

	@Test
	void ownIdMakesOneJobAndIsRefusedToAnother() {
		with((queue, trace) -> {
			queue.job("remember", "once").id("mine").enqueue();
			queue.job("remember", "once").id("mine").enqueue();

			assertThat(trace.threads).hasSize(1);
			assertThatIllegalArgumentException().isThrownBy(() -> queue.job("remember", "other").id("mine").enqueue())
				.withMessageContaining("another job has the id");
		});
	}

	@Test
	void uniqueKeyIsHeldAsLongAsItsJobIsPendingAndForItsPeriod() {
		with((queue, trace) -> {
			JobHandle<Object> first = queue.job("twice", 1).uniqueKey("k").delay(Duration.ofHours(1)).enqueue();
			JobHandle<Object> second = queue.job("twice", 2).uniqueKey("k").enqueue();
			assertThat(second.isDuplicate()).isTrue();
			assertThat(second.id()).isEqualTo(first.id());
			assertThatExceptionOfType(DuplicateJobException.class)
				.isThrownBy(() -> queue.job("twice", 3).uniqueKey("k").onDuplicate(OnDuplicate.THROW).enqueue());

			JobHandle<Object> third = queue.job("twice", 4)
				.uniqueKey("k")
				.uniqueFor(Duration.ofHours(1))
				.onDuplicate(OnDuplicate.REPLACE)
				.enqueue();
			assertThat(third.id()).isEqualTo(first.id());
			assertThat(first.result()).contains(new JobResult<>(8));
			assertThat(queue.job("twice", 5).uniqueKey("k").enqueue().isDuplicate()).isTrue();

			queue.job("twice", 6).uniqueKey("free").enqueue();
			assertThat(queue.job("twice", 7).uniqueKey("free").enqueue().isDuplicate()).isFalse();
		});
	}

	@Test
	void keyOfAFunctionFollowsItsArgumentsAndIsHeldForItsPeriod() {
		with((queue, trace) -> {
			JobHandle<Object> later = queue.job("once", 1).delay(Duration.ofHours(1)).enqueue();
			JobHandle<Object> done = queue.enqueue("once", 2);
			assertThat(done.state()).isEqualTo(JobState.SUCCEEDED);
			assertThat(queue.enqueue("once", 2).id()).isEqualTo(done.id());

			assertThatExceptionOfType(JobStateException.class)
				.isThrownBy(() -> queue.edit(later.id(), JobChange.none().args(2)))
				.withMessageContaining("cannot be edited while another job has the unique key 'once:2'");
			queue.edit(later.id(), JobChange.none().args(3));

			assertThat(queue.enqueue("once", 3).id()).isEqualTo(later.id());
			assertThat(queue.enqueue("once", 1).isDuplicate()).isFalse();
		});
	}

	@Test
	void submitWithoutWaitingHasRunTheJobTooAndExpiryIsHeeded() {
		with((queue, trace) -> {
			assertThat(queue.job("twice", 4).enqueueAsync())
				.isCompletedWithValueMatching((job) -> job.result().isPresent());
			JobHandle<Object> late = queue.job("twice", 4).at(Instant.EPOCH).expiresIn(Duration.ofSeconds(1)).enqueue();
			assertThat(late.state()).isEqualTo(JobState.EXPIRED);
		});
	}

	@Test
	void manyAreSubmittedAsTheyAreRead() {
		with((queue, trace) -> {
			long submitted = queue
				.enqueueAll(IntStream.range(0, 50).mapToObj((i) -> queue.job("remember", "n" + i).spec()));

			assertThat(submitted).isEqualTo(50);
			assertThat(trace.threads).hasSize(50);
			assertThat(queue.query(JobQuery.all().limit(2)).map(Job::result)).containsExactly("remembered n49",
					"remembered n48");
		});
	}

	@Test
	void progressAndLogLinesAreKept() {
		with((queue, trace) -> {
			Job job = ended(queue.enqueue("telling"));

			assertThat(job.progress()).isEqualTo(new JobProgress(40, "of 100"));
			assertThat(job.log()).extracting(JobLogLine::message).containsExactly("a line");
		});
	}

	@Test
	void retentionOfZeroDeletesTheJobAsItEnds() {
		with((queue, trace) -> assertThatExceptionOfType(JobGoneException.class)
			.isThrownBy(() -> queue.enqueue("forgotten").state()));
	}

	@Test
	void watchesAreToldOfEachState() {
		with((queue, trace) -> {
			List<JobState> states = new ArrayList<>();
			try (JobWatch watch = queue.watch(JobQuery.all().function("remember"), (job) -> states.add(job.state()))) {
				queue.enqueue("remember", "watched");
				assertThat(watch).isNotNull();
			}
			queue.enqueue("remember", "unwatched");

			assertThat(states).containsExactly(JobState.PENDING, JobState.RUNNING, JobState.SUCCEEDED);
		});
	}

	@Test
	void pendingJobsAreSteered() {
		with((queue, trace) -> {
			JobHandle<Object> job = queue.job("remember", "later").delay(Duration.ofHours(1)).enqueue();

			assertThat(queue.edit(job.id(), JobChange.none().args("edited").queue("other"))).isTrue();
			assertThat(queue.reschedule(job.id(), Instant.EPOCH)).isTrue();

			assertThat(ended(job).result()).isEqualTo("remembered edited");
			assertThat(ended(job).queue()).isEqualTo("other");
			assertThatExceptionOfType(JobStateException.class).isThrownBy(() -> queue.runNow(job.id()))
				.withMessageContaining("is succeeded, so it cannot be run now");
			assertThat(queue.runNow("none")).isFalse();
			assertThat(queue.delete(job.id())).isTrue();
			assertThat(job.find()).isEmpty();
			assertThat(job.cancel()).isEqualTo(CancelResult.UNKNOWN);
		});
	}

	@Test
	void jobsAreSteeredInBulk() {
		with((queue, trace) -> {
			Stream.of("a", "b", "c")
				.forEach((id) -> queue.job("remember", id).id(id).delay(Duration.ofHours(1)).enqueue());

			assertThat(queue.cancelAll(JobQuery.all().idPrefix("a"))).isEqualTo(1);
			assertThat(queue.cancel("a")).isEqualTo(CancelResult.ENDED);
			assertThat(queue.purge("default")).isEqualTo(2);
			assertThat(queue.retryAll(JobQuery.all())).isEqualTo(1);
			assertThat(queue.find("a").orElseThrow().state()).isEqualTo(JobState.SUCCEEDED);
			assertThat(queue.deleteAll(JobQuery.all().state(JobState.SUCCEEDED))).isEqualTo(1);
			assertThatIllegalArgumentException()
				.isThrownBy(() -> queue.cancelAll(JobQuery.all().state(JobState.FAILED)))
				.withMessageContaining("cannot be cancelled");
		});
	}

	@Test
	void pausedQueuesAndRevokedFunctionsAreHeeded() {
		with((queue, trace) -> {
			queue.pause("default");
			JobHandle<Object> waiting = queue.enqueue("remember", "waiting");
			assertThat(waiting.state()).isEqualTo(JobState.PENDING);

			queue.resume("default");
			assertThat(waiting.state()).isEqualTo(JobState.SUCCEEDED);
			queue.revoke("remember");
			assertThat(queue.enqueue("remember", "revoked").state()).isEqualTo(JobState.CANCELLED);
			queue.restore("remember");
			assertThat(queue.isRevoked("remember")).isFalse();
		});
	}

	@Test
	void periodicJobsAreKeptAndRunWhenTriggered() {
		this.runner.run((context) -> {
			PeriodicJobs periodic = context.getBean(PeriodicJobs.class);
			periodic
				.add(PeriodicJobSpec.named("nightly").function("twice", 4).cron("0 3 * * *").queue("night").build());
			periodic.pause("nightly");

			assertThat(periodic.list()).extracting(PeriodicJob::enabled).containsExactly(false);
			Job job = ended(periodic.trigger("nightly"));
			assertThat(job.result()).isEqualTo(8);
			assertThat(job.queue()).isEqualTo("night");
			assertThat(periodic.remove("nightly")).isTrue();
			assertThatIllegalArgumentException().isThrownBy(() -> periodic.trigger("nightly"))
				.withMessageContaining("taskqueue.mode=normal");
		});
	}

	@Test
	void heldJobsRunWhenToldToTheUrgentOnesFirst() {
		this.runner.run((context) -> {
			InlineTaskQueue queue = context.getBean(InlineTaskQueue.class);
			queue.hold(true);
			queue.enqueue("remember", "plain");
			queue.job("remember", "urgent").priority(5).enqueue();
			queue.job("remember", "later").delay(Duration.ofHours(1)).enqueue();
			assertThat(context.getBean(Trace.class).threads).isEmpty();

			assertThat(queue.runDue(10)).isEqualTo(2);

			assertThat(context.getBean(Trace.class).lines.stream().filter((line) -> line.startsWith("remember")))
				.containsExactly("remember urgent!", "remember plain!");
			queue.enqueue("chain", 5);
			assertThatIllegalStateException().isThrownBy(() -> queue.runDue(3))
				.withMessageContaining("after 3 attempts");
		});
	}

	private void with(TestBody body) {
		this.runner.run((context) -> body.run(context.getBean(TaskQueue.class), context.getBean(Trace.class)));
	}

	private static Job ended(JobHandle<?> job) {
		return job.find().orElseThrow();
	}

	private static JobError error(Job job) {
		return Objects.requireNonNull(job.error());
	}

	private interface TestBody {

		void run(TaskQueue queue, Trace trace) throws Exception;

	}

	record Order(String id, int count, Instant at) {
	}

	static class Trace {

		private final List<String> lines = new ArrayList<>();

		private final List<Thread> threads = new ArrayList<>();

		private final List<JobEvent> events = new ArrayList<>();

		@EventListener
		void told(JobEvent event) {
			this.events.add(event);
		}

		List<String> signals() {
			return this.events.stream().map((event) -> event.getClass().getSimpleName()).toList();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		Trace trace() {
			return new Trace();
		}

		@Bean
		Jobs jobs(Trace trace, TaskQueue queue) {
			return new Jobs(trace, queue);
		}

		@Bean
		EnqueueInterceptor enqueueInterceptor(Trace trace) {
			return (job) -> switch (job.function()) {
				case "unwanted" -> throw new IllegalStateException("unwanted");
				case "remember" -> {
					trace.lines.add("before enqueue");
					yield JobBuilder.of(job).kwarg("mark", "!").spec();
				}
				default -> job;
			};
		}

		@Bean
		EnqueueErrorHandler enqueueErrorHandler(Trace trace) {
			return (job, thrown) -> trace.lines.add("enqueue failed");
		}

		@Bean
		JobInterceptor jobInterceptor(Trace trace) {
			return (context, next) -> {
				Consumer<String> say = context.function().equals("remember") ? trace.lines::add : (line) -> {
				};
				say.accept("attempt begins");
				Object result = next.proceed();
				say.accept("attempt ends");
				return result;
			};
		}

		@Bean
		JobErrorHandler jobErrorHandler(Trace trace) {
			return (failure) -> trace.lines.add("attempt failed");
		}

	}

	static class Jobs {

		private final Trace trace;

		private final TaskQueue queue;

		Jobs(Trace trace, TaskQueue queue) {
			this.trace = trace;
			this.queue = queue;
		}

		@AsyncJob
		public String remember(String what, String mark) {
			this.trace.threads.add(Thread.currentThread());
			this.trace.lines.add("remember " + what + mark);
			return "remembered " + what;
		}

		@AsyncJob(name = "take_order")
		public Order takeOrder(Order order) {
			return new Order(order.id(), order.count() + 1, order.at());
		}

		@AsyncJob
		public int twice(int number) {
			return 2 * number;
		}

		@AsyncJob(uniqueBy = "#number", uniqueFor = "1h")
		public int once(int number) {
			return number;
		}

		@AsyncJob(backoff = "1m")
		public String flaky(int failures, JobContext job) {
			if (job.attempt() <= failures) {
				throw new IllegalStateException("attempt " + job.attempt());
			}
			return "succeeded at attempt " + job.attempt();
		}

		@AsyncJob(backoff = "0s")
		public void impatient(JobContext job) {
			throw new IllegalStateException("attempt " + job.attempt());
		}

		@AsyncJob
		public void withdrawn() {
			throw new CancelExecution("not today");
		}

		@AsyncJob
		public void suicidal(JobContext job) throws InterruptedException {
			CancelResult cancel = this.queue.cancel(job.jobId());
			this.trace.lines.add("cancel: " + cancel + ", isCancelled: " + job.isCancelled());
			throw new InterruptedException();
		}

		@AsyncJob
		public void chain(int more) {
			this.trace.lines.add("chain " + more + " begins");
			if (more > 0) {
				this.queue.enqueue("chain", more - 1);
			}
			this.trace.lines.add("chain " + more + " ends");
		}

		@AsyncJob
		public void telling(JobContext job) {
			job.progress(40, "of 100");
			job.log("a line");
		}

		@AsyncJob(retention = "0s")
		public void forgotten() {
		}

	}

}
