package dev.taskqueue.crontab;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.taskqueue.testsupport.MongoServer;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class RowWatchIT {

	private static final BsonString SENTINEL = new BsonString("sentinel");

	private final Crontab crontab = new Crontab(MongoServer.freshDatabase());

	private final Signals signals = new Signals();

	private final RowWatch watch = new RowWatch(this.crontab.database, this.signals);

	private final AtomicBoolean over = new AtomicBoolean();

	private CompletableFuture<Void> following = new CompletableFuture<>();

	@BeforeEach
	void follow() {
		this.crontab.insert(Rows.row(5).append("_id", "row").append("error", new Document("field", "time")));
		this.following = CompletableFuture.runAsync(() -> this.watch.follow(() -> !this.over.get()));
		await().until(() -> this.watch.isOpen() || this.following.isDone());
		assertThat(this.signals.takeAll()).isTrue();
		// the stream is certain to be open when it has told of something
		await().until(() -> {
			this.crontab.update("row", "{$inc: {opened: 1}}");
			return this.signals.isRaised();
		});
		heard();
	}

	@AfterEach
	void drop() {
		this.over.set(true);
		this.watch.cancel();
		// with a write, the stream hears that it is over
		this.crontab.database.locks().insertOne(new Document("_id", "any"));
		this.following.join();
		MongoServer.drop(this.crontab.database.database());
	}

	@ParameterizedTest
	@ValueSource(strings = { "{$set: {time: 6}}", "{$set: {is_done: false, x: 1}}", "{$unset: {error: 1}}",
			"{$set: {error: null, params: []}}", "{$unset: {params: 1}, $set: {kwargs: {a: 1}}}",
			"{$push: {params: 1}}", "{$set: {cron: '* * * * *'}}", "{$unset: {params: 1}}", "{$set: {enabled: true}}" })
	void ownersChangeIsHeard(String update) {
		this.crontab.update("row", update);

		assertThat(heard()).containsExactly(new BsonString("row"));
	}

	@Test
	void rowThatIsArmedAgainIsHeard() {
		this.crontab.update("row", "{$set: {is_done: true}}");
		assertThat(heard()).isEmpty();

		this.crontab.update("row", "{$set: {is_done: false}}");

		assertThat(heard()).containsExactly(new BsonString("row"));
	}

	@ParameterizedTest
	@ValueSource(strings = {
			"{$set: {is_done: true, job_id: 'a', dispatched_at: 1, last_time: 5, update_at: 1}, $unset: {error: ''}}",
			"{$set: {time: 7, next: {schedule: 'every 1s', times: []}, job_id: 'b', last_time: 6}}",
			"{$set: {error: {field: 'params'}}}" })
	void marksAndErrorsOfTheSchedulerAreNot(String update) {
		this.crontab.update("row", update);

		assertThat(heard()).isEmpty();
	}

	@Test
	void rowThatIsNotOursOrDoneIsNotHeardWhenItIsInserted() {
		this.crontab.insert(Rows.row(5).append("is_done", true));
		this.crontab.insert(Rows.row(5).append("is_done", "false"));

		assertThat(heard()).isEmpty();
	}

	@Test
	void rowThatIsReplacedIsHeard() {
		this.crontab.database.crontab().replaceOne(new Document("_id", "row"), Rows.row(6));

		assertThat(heard()).containsExactly(new BsonString("row"));
	}

	/** What was heard until now: the stream is in order. */
	private Set<BsonValue> heard() {
		Set<BsonValue> heard = new HashSet<>();
		this.crontab.insert(Rows.row(5).append("_id", SENTINEL.getValue()));
		await().until(() -> {
			heard.addAll(this.signals.takeChanged(1000));
			return heard.contains(SENTINEL);
		});
		this.crontab.database.crontab().deleteOne(new Document("_id", SENTINEL.getValue()));
		heard.remove(SENTINEL);
		return heard;
	}

}
