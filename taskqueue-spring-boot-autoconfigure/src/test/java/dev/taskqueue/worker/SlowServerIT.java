package dev.taskqueue.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.mongodb.client.model.Filters;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.TcpProxy;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A worker whose server takes its time over each command.
 */
class SlowServerIT {

	@Test
	void claimsTheMoreTheLongerAClaimTakes() {
		try (OwnMongoServer server = MongoServer.startOwn(false);
				TcpProxy proxy = TcpProxy.start("127.0.1.9", server.port());
				TestWorker<Functions> worker = new TestWorker<>(server.uri().replace("127.0.0.1", "127.0.1.9"),
						Functions.class)) {
			// a claim is two commands, and lasts longer than its ten slots need for
			// hundreds of jobs
			proxy.delay(Duration.ofMillis(30));

			worker.insert(Stream.generate(() -> new Document("function", "last")).limit(1500).toList());

			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.until(() -> worker.database().jobs().countDocuments(Filters.eq("state", "succeeded")) == 1500);
			assertThat(worker.database().jobs().distinct("claim", String.class).into(new ArrayList<>()))
				.as("claims; 150 where each takes ten jobs")
				.hasSizeLessThan(60);
			proxy.heal();
		}
	}

	static class Functions {

		@AsyncJob("last")
		public void last() throws InterruptedException {
			new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS);
		}

	}

}
