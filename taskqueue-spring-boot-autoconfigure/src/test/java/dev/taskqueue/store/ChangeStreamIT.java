package dev.taskqueue.store;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Filters;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class ChangeStreamIT {

	private static final List<Bson> INSERTS = List.of(Aggregates.match(Filters.eq("operationType", "insert")));

	private final TaskQueueDatabase database = new TaskQueueDatabase(MongoServer.freshDatabase(), "taskqueue_",
			"crontab_jobs", Duration.ofSeconds(30));

	@AfterEach
	void drop() {
		MongoServer.drop(this.database.database());
	}

	@Test
	void tellsWhatThePipelineLetsThrough() {
		try (ChangeStream stream = open()) {
			this.database.jobs().insertOne(new Document("_id", 1));

			RawBsonDocument change = Objects.requireNonNull(stream.next());

			assertThat(change.getDocument("documentKey")).isEqualTo(Document.parse("{_id: 1}").toBsonDocument());
			assertThat(stream.isOver()).isFalse();
		}
	}

	@Test
	void questionUnderWayEndsWithTheNextWriteWhenItIsCancelled() throws Exception {
		try (ChangeStream stream = open()) {
			CompletableFuture<@Nullable RawBsonDocument> next = CompletableFuture.supplyAsync(stream::next);
			await().until(this::isAsked);

			stream.cancel();
			this.database.locks().insertOne(new Document("_id", "any"));

			assertThat(next.get(5, TimeUnit.SECONDS)).isNull();
			assertThat(stream.isOver()).isTrue();
			assertThat(stream.next()).isNull();
		}
	}

	@Test
	void isOverWhenItsCollectionIsGone() {
		this.database.jobs().insertOne(new Document("_id", 1));
		try (ChangeStream stream = ChangeStream.open(this.database, this.database.jobs(), List.of())) {
			this.database.jobs().drop();

			RawBsonDocument change = stream.next();
			while (change != null) {
				change = stream.next();
			}

			assertThat(stream.isOver()).isTrue();
		}
	}

	/** Whether a question to a stream waits at the server. */
	private boolean isAsked() {
		Document ofThis = new Document("op", "getmore").append("ns", this.database.jobs().getNamespace().getFullName());
		return MongoServer.client()
			.getDatabase("admin")
			.aggregate(List.of(new Document("$currentOp", new Document()), new Document("$match", ofThis)))
			.first() != null;
	}

	private ChangeStream open() {
		return ChangeStream.open(this.database, this.database.jobs(), INSERTS);
	}

}
