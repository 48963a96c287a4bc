package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

import com.mongodb.MongoException;
import dev.taskqueue.TaskQueueException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The first insert of each test is held until all submitters of the test are waiting, so
 * that the second group has all of them but the first.
 */
@Timeout(30)
class GroupCommitTests {

	private final List<List<NewJob>> groups = new CopyOnWriteArrayList<>();

	private final CountDownLatch firstIsHeld = new CountDownLatch(1);

	private final CountDownLatch release = new CountDownLatch(1);

	private final Map<String, Object> results = new ConcurrentHashMap<>();

	private final List<Thread> threads = new ArrayList<>();

	private volatile Consumer<List<NewJob>> server = (group) -> group.forEach(NewJob::taken);

	private Duration timeout = Duration.ofSeconds(20);

	private @Nullable GroupCommit commit;

	@Test
	void writesForAllThatCameWhileTheLastGroupWasUnderWay() throws Exception {
		submitTogether("first", "a", "b", "c");

		assertThat(this.groups).extracting(List::size).containsExactly(1, 3);
		assertThat(this.results.values()).containsOnly("taken");
	}

	@Test
	void tellsARefusalToTheOneWhoseJobWasRefused() throws Exception {
		this.server = (group) -> group.forEach((job) -> {
			if (job.function().equals("bad")) {
				job.refused(new TaskQueueException("bad is refused"));
			}
			else {
				job.taken();
			}
		});

		submitTogether("first", "a", "bad", "c");

		assertThat(this.results).containsEntry("a", "taken").containsEntry("c", "taken");
		assertThat(this.results.get("bad")).asString().contains("bad is refused");
	}

	@Test
	void writesEachApartWhenNobodyKnowsWhoseFaultItIs() throws Exception {
		this.server = (group) -> group.forEach((job) -> {
			MongoException failure = new MongoException("too deep");
			if (group.size() > 1) {
				job.writeAlone(failure);
			}
			else if (job.function().equals("bad")) {
				job.refused(failure);
			}
			else {
				job.taken();
			}
		});

		submitTogether("first", "a", "bad", "c");

		assertThat(this.results).containsEntry("a", "taken").containsEntry("c", "taken");
		assertThat(this.results.get("bad")).asString().contains("too deep");
		assertThat(this.groups).extracting(List::size).containsExactly(1, 3, 1, 1, 1);
	}

	@Test
	void leaderThatDiesByAnErrorLeavesItsGroupToTheNext() throws Exception {
		this.server = (group) -> {
			if (group.size() == 3) {
				throw new AssertionError("out of something");
			}
			group.forEach(NewJob::taken);
		};

		submitTogether("first", "a", "b", "c");

		assertThat(this.results.values()).filteredOn("taken"::equals).hasSize(3);
		assertThat(this.results.values()).filteredOn(AssertionError.class::isInstance).hasSize(1);
		assertThat(this.groups.get(2)).hasSize(2).allMatch(NewJob::isTried);
	}

	@Test
	void sendsTheSameJobsAgainWhenTheirOutcomeIsUnknown() throws Exception {
		this.server = (group) -> {
			for (NewJob job : group) {
				if (job.isTried()) {
					job.taken();
				}
				else {
					job.unknown(new MongoException("no reply"));
				}
			}
		};

		submitTogether("first", "a", "b");

		assertThat(this.results.values()).containsOnly("taken");
	}

	@Test
	void saysThatTheJobMayExistWhenTheTimeIsUp() throws Exception {
		this.timeout = Duration.ofMillis(200);
		this.server = (group) -> group.forEach((job) -> job.unknown(new MongoException("no reply")));

		submitTogether("first");

		assertThat(this.results.get("first")).asString()
			.contains("did not take it within 200 ms", "not known whether the job exists", "no reply");
	}

	@Test
	void interruptedSubmitterLeavesAndTheOthersAreWritten() throws Exception {
		begin("first");
		this.firstIsHeld.await();
		begin("a");
		begin("b");
		this.threads.get(1).interrupt();

		await().until(() -> this.results.containsKey("a"));
		this.release.countDown();
		joinAll();

		assertThat(this.results.get("a")).asString().contains("interrupted", "does not exist");
		assertThat(this.results).containsEntry("a is interrupted", true)
			.containsEntry("first", "taken")
			.containsEntry("b", "taken");
	}

	@Test
	void interruptedLeaderOfAnOutageHandsOn() throws Exception {
		this.server = (group) -> {
			if (this.groups.size() < 3) {
				group.forEach((job) -> job.unknown(new MongoException("no reply")));
				this.threads.get(0).interrupt();
			}
			else {
				group.forEach(NewJob::taken);
			}
		};

		submitTogether("first", "a", "b");

		assertThat(this.results.get("first")).asString().contains("interrupted", "not known whether");
		assertThat(this.results).containsEntry("a", "taken").containsEntry("b", "taken");
	}

	@Test
	void groupsHaveAtMostEightMegabytes() throws Exception {
		String[] many = new String[20];
		many[0] = "first";
		for (int i = 1; i < many.length; i++) {
			many[i] = "job" + i + "x".repeat(1_000_000);
		}

		submitTogether(many);

		assertThat(this.results.values()).hasSize(20).containsOnly("taken");
		assertThat(this.groups).extracting(List::size).containsExactly(1, 8, 8, 3);
	}

	private void submitTogether(String... functions) throws InterruptedException {
		for (String function : functions) {
			begin(function);
			if (function.equals("first")) {
				this.firstIsHeld.await();
			}
		}
		this.release.countDown();
		joinAll();
	}

	private void joinAll() throws InterruptedException {
		for (Thread thread : this.threads) {
			thread.join();
		}
	}

	private GroupCommit commit() {
		GroupCommit known = this.commit;
		if (known == null) {
			known = new GroupCommit(this::insert, this.timeout);
			this.commit = known;
		}
		return known;
	}

	private void insert(List<NewJob> group, Duration atMost) {
		assertThat(atMost.isNegative()).isFalse();
		this.groups.add(group);
		if (group.get(0).function().equals("first") && this.groups.size() == 1) {
			this.firstIsHeld.countDown();
			awaitRelease();
		}
		this.server.accept(group);
	}

	private void awaitRelease() {
		boolean interrupted = false;
		while (this.release.getCount() > 0) {
			try {
				this.release.await();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private void begin(String function) {
		GroupCommit commit = commit();
		NewJob job = JobDocuments.newJob(function);
		Thread thread = new Thread(() -> {
			try {
				commit.submit(job);
				this.results.put(function, job.isTaken() ? "taken" : "open");
			}
			catch (RuntimeException | AssertionError ex) {
				this.results.put(function, ex);
			}
			if (Thread.currentThread().isInterrupted()) {
				this.results.put(function + " is interrupted", true);
			}
		});
		this.threads.add(thread);
		thread.start();
		if (this.threads.size() > 1) {
			await().pollInterval(Duration.ofMillis(2))
				.until(() -> !thread.isAlive() || Objects.equals(thread.getState(), Thread.State.TIMED_WAITING));
		}
	}

}
