package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Each insert is held until the test lets it go.
 */
@Timeout(30)
class PairedCommitTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final List<Integer> sizes = new CopyOnWriteArrayList<>();

	private final AtomicInteger underWay = new AtomicInteger();

	private final AtomicInteger mostUnderWay = new AtomicInteger();

	private final Semaphore replies = new Semaphore(0);

	private final AtomicInteger taken = new AtomicInteger();

	private final List<Thread> threads = new ArrayList<>();

	private final PairedCommit commit = new PairedCommit(this::insert, TIMEOUT);

	@AfterEach
	void release() throws InterruptedException {
		this.replies.release(1000);
		for (Thread thread : this.threads) {
			thread.join();
		}
	}

	@Test
	void aFewSubmittersAreOneGroup() {
		begin(32);
		assertThat(this.underWay).hasValue(1);

		this.replies.release();
		await().until(() -> this.sizes.size() == 2);

		assertThat(this.underWay).hasValue(1);
		assertThat(this.sizes).containsExactly(1, 31);
	}

	@Test
	void moreThanOneGroupIsGoodForAreTwoAtATime() throws Exception {
		begin(32);
		begin(1);
		await().until(() -> this.sizes.size() == 2);
		begin(31);

		release();

		assertThat(this.taken).hasValue(64);
		assertThat(this.mostUnderWay).hasValue(2);
		assertThat(this.sizes).hasSize(4).containsOnly(1, 31);
	}

	@Test
	void crowdIsHalved() throws Exception {
		begin(200);

		release();

		assertThat(this.taken).hasValue(200);
		assertThat(this.mostUnderWay).hasValue(2);
		assertThat(this.sizes).hasSize(4).containsOnly(1, 99);
	}

	@Test
	void submitterThatLeavesIsCountedNoMore() throws Exception {
		begin(32);
		this.threads.get(31).interrupt();
		this.threads.get(31).join();
		begin(1);

		release();

		assertThat(this.taken).hasValue(32);
		assertThat(this.sizes).containsExactly(1, 31);
	}

	/** Returns when each waits, for the server or for a leader. */
	private void begin(int submitters) {
		for (int i = 0; i < submitters; i++) {
			NewJob job = JobDocuments.newJob("noop");
			Thread thread = new Thread(() -> {
				this.commit.submit(job);
				this.taken.incrementAndGet();
			});
			thread.setUncaughtExceptionHandler((interrupted, ex) -> {
			});
			this.threads.add(thread);
			thread.start();
			await().pollInterval(Duration.ofMillis(1))
				.until(() -> thread.getState() == Thread.State.WAITING
						|| thread.getState() == Thread.State.TIMED_WAITING);
		}
	}

	private void insert(List<NewJob> group, Duration atMost) {
		this.mostUnderWay.accumulateAndGet(this.underWay.incrementAndGet(), Math::max);
		// last: the tests look at the others as soon as they see it
		this.sizes.add(group.size());
		this.replies.acquireUninterruptibly();
		group.forEach(NewJob::taken);
		this.underWay.decrementAndGet();
	}

}
