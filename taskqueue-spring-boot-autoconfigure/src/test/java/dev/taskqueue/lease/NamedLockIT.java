package dev.taskqueue.lease;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.EmbeddedServer;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class NamedLockIT {

	private static final EmbeddedServer embedded = EmbeddedServer.start();

	static Stream<MongoDatabase> servers() {
		return Stream.of(MongoServer.freshDatabase(), embedded.freshDatabase());
	}

	@AfterAll
	static void stop() {
		embedded.close();
	}

	@ParameterizedTest
	@MethodSource("servers")
	void oneHoldsItUntilItIsReleased(MongoDatabase database) {
		NamedLock first = lock(database, "a", Duration.ofMinutes(1));
		NamedLock second = lock(database, "b", Duration.ofMinutes(1));

		assertThat(first.tryAcquire()).isTrue();
		assertThat(second.tryAcquire()).isFalse();
		assertThat(first.tryAcquire()).isTrue();
		second.release();
		assertThat(second.tryAcquire()).isFalse();

		first.release();
		assertThat(second.tryAcquire()).isTrue();
		assertThat(first.tryAcquire()).isFalse();
	}

	@ParameterizedTest
	@MethodSource("servers")
	void locksOfOtherNamesAreFree(MongoDatabase database) {
		assertThat(lock(database, "a", Duration.ofMinutes(1)).tryAcquire()).isTrue();
		NamedLock other = new NamedLock(Node.database(database), clock(database), "another", () -> "b",
				Duration.ofMinutes(1));

		assertThat(other.tryAcquire()).isTrue();
	}

	@ParameterizedTest
	@MethodSource("servers")
	void lockWhoseTimeIsOverIsTakenAndItsFormerHolderNoticesAtTheNextRenewal(MongoDatabase database) {
		NamedLock first = lock(database, "a", Duration.ofMinutes(1));
		NamedLock second = lock(database, "b", Duration.ofMinutes(1));
		first.tryAcquire();
		setUntil(database, Instant.now().minusSeconds(1));

		assertThat(second.tryAcquire()).isTrue();
		assertThat(first.tryAcquire()).isFalse();
		first.release();
		assertThat(holder(database)).isEqualTo("b");
	}

	@ParameterizedTest
	@MethodSource("servers")
	void formerHolderDoesNotFreeTheLockOfAnother(MongoDatabase database) {
		NamedLock first = lock(database, "a", Duration.ofMinutes(1));
		first.tryAcquire();
		setUntil(database, Instant.now().minusSeconds(1));
		lock(database, "b", Duration.ofMinutes(1)).tryAcquire();

		first.release();

		assertThat(holder(database)).isEqualTo("b");
	}

	@ParameterizedTest
	@MethodSource("servers")
	void lockThatIsHeldForAbsurdlyLongIsTaken(MongoDatabase database) {
		lock(database, "a", Duration.ofMinutes(1)).tryAcquire();
		setUntil(database, Instant.now().plus(Duration.ofHours(1)));

		assertThat(lock(database, "b", Duration.ofMinutes(1)).tryAcquire()).isTrue();
	}

	@ParameterizedTest
	@MethodSource("servers")
	void holderThatHasANewNameKeepsTheLock(MongoDatabase database) {
		String[] name = { "a" };
		NamedLock lock = new NamedLock(Node.database(database), clock(database), "crontab", () -> name[0],
				Duration.ofMinutes(1));
		lock.tryAcquire();
		name[0] = "a2";

		assertThat(lock.tryAcquire()).isTrue();

		assertThat(holder(database)).isEqualTo("a2");
		lock.release();
		assertThat(lock(database, "b", Duration.ofMinutes(1)).tryAcquire()).isTrue();
	}

	@ParameterizedTest
	@MethodSource("servers")
	void oneOfManyWhoAskAtOnceGetsIt(MongoDatabase database) throws Exception {
		int askers = 8;
		ExecutorService threads = Executors.newFixedThreadPool(askers);
		CyclicBarrier start = new CyclicBarrier(askers);
		List<Future<Boolean>> answers = IntStream.range(0, askers)
			.mapToObj((asker) -> lock(database, "asker-" + asker, Duration.ofMinutes(1)))
			.map((lock) -> threads.submit(() -> {
				start.await();
				return lock.tryAcquire();
			}))
			.toList();

		int acquired = 0;
		for (Future<Boolean> answer : answers) {
			acquired += answer.get(30, TimeUnit.SECONDS) ? 1 : 0;
		}
		threads.shutdown();
		assertThat(acquired).isEqualTo(1);
	}

	private static NamedLock lock(MongoDatabase database, String holder, Duration hold) {
		return new NamedLock(Node.database(database), clock(database), "crontab", () -> holder, hold);
	}

	private static ServerClock clock(MongoDatabase database) {
		TaskQueueDatabase collections = Node.database(database);
		return new ServerClock(collections::hello, Clock.systemUTC());
	}

	private static void setUntil(MongoDatabase database, Instant until) {
		Node.database(database).locks().updateOne(Filters.eq("_id", "crontab"), Updates.set("until", Date.from(until)));
	}

	private static String holder(MongoDatabase database) {
		Document lock = Node.database(database).locks().find(Filters.eq("_id", "crontab")).first();
		return (lock != null) ? lock.getString("holder") : "nobody";
	}

}
