package dev.taskqueue.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.mongodb.client.model.Filters;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.TcpProxy;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A worker whose server takes its time over each command.
 */
class SlowServerIT {

	private final OwnMongoServer server = MongoServer.startOwn(false);

	private final TcpProxy proxy = TcpProxy.start("127.0.1.9", this.server.port());

	private final TestWorker<Functions> worker = new TestWorker<>(this.server.uri().replace("127.0.0.1", "127.0.1.9"),
			Functions.class);

	@BeforeEach
	void makeTheServerSlow() {
		// a claim is two commands, and lasts longer than its ten slots need for hundreds
		// of jobs
		this.proxy.delay(Duration.ofMillis(30));
	}

	@AfterEach
	void close() {
		this.proxy.heal();
		this.worker.close();
		this.proxy.close();
		this.server.close();
	}

	@Test
	void claimsTheMoreTheLongerAClaimTakes() {
		run(1500);

		assertThat(this.worker.database().jobs().distinct("claim", String.class).into(new ArrayList<>()))
			.as("claims; 150 where each takes ten jobs")
			.hasSizeLessThan(60);
	}

	@Test
	void asksInARushWhatIsPausedBeforeWhatItKnowsIsNotBelievedAnyMore() {
		run(3000);

		List<Long> asked = this.worker.ordersAskedAt;
		// until it is a rush, it asks when it must
		List<Duration> between = IntStream.range(3, asked.size())
			.mapToObj((i) -> Duration.ofNanos(asked.get(i) - asked.get(i - 1)))
			.sorted()
			.toList();
		// who waits until it must asks after a second at the soonest
		assertThat(between).hasSizeGreaterThan(2);
		assertThat(between.get(1)).as("second shortest of %s", between).isLessThan(Duration.ofSeconds(1));
	}

	private void run(int jobs) {
		this.worker.insert(Stream.generate(() -> new Document("function", "last")).limit(jobs).toList());
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.until(() -> this.worker.database().jobs().countDocuments(Filters.eq("state", "succeeded")) == jobs);
	}

	static class Functions {

		@AsyncJob("last")
		public void last() throws InterruptedException {
			new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS);
		}

	}

}
